#include "models/zoo/multi_task.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/softmax_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

std::size_t LabelsOf(const ModelSpec& spec) {
  return std::max<std::size_t>(1, spec.labels.size());
}

// Makes the towers of one net; each has dropout streams of its own.
class Towers {
 public:
  Towers(NetBuilder& net, TowerOptions options) : net_(net), options_(std::move(options)) {}

  // The last hidden layer is the result.
  NetValue Hidden(const std::string& name, NetValue x) {
    return AddHidden(net_, name, x, With(options_.hidden));
  }
  // One output, whose bias starts as that of the label.
  NetValue Output(const std::string& name, NetValue x, const std::vector<std::uint32_t>& hidden,
                  float start) {
    return AddBias(net_, name + ".bias", AddTower(net_, name, x, With(hidden)), start);
  }

 private:
  TowerOptions With(const std::vector<std::uint32_t>& hidden) {
    TowerOptions options = options_;
    options.hidden = hidden;
    options.dropout_layer = next_layer_;
    next_layer_ += static_cast<std::uint32_t>(hidden.size());
    return options;
  }

  NetBuilder& net_;
  const TowerOptions options_;
  std::uint32_t next_layer_ = 0;
};

std::vector<NetValue> AddExperts(Towers& towers, const std::string& name, NetValue x,
                                 std::size_t count) {
  std::vector<NetValue> experts;
  for (std::size_t e = 0; e < count; ++e) {
    experts.push_back(towers.Hidden(name + "." + std::to_string(e), x));
  }
  return experts;
}

// The sum of the experts, by shares that follow from x.
NetValue AddGate(NetBuilder& net, const std::string& name, NetValue x,
                 const std::vector<NetValue>& experts) {
  const std::size_t count = experts.size();
  const NetValue shares = AddSoftmax(net, AddLinear(net, name, x, count, false));
  return AddSumGroups(net, AddScaledGroups(net, net.Concat(experts), shares, count), count);
}

std::vector<NetValue> Joined(std::vector<NetValue> values, const std::vector<NetValue>& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

// What each label's tower reads, from x.
using Bodies = std::function<std::vector<NetValue>(NetBuilder& net, Towers& towers, NetValue x)>;

std::vector<NetValue> MmoeBodies(const ModelSpec& spec, NetBuilder& net, Towers& towers,
                                 NetValue x) {
  const std::vector<NetValue> experts = AddExperts(towers, "expert", x, spec.experts);
  std::vector<NetValue> bodies;
  for (std::size_t k = 0; k < LabelsOf(spec); ++k) {
    bodies.push_back(AddGate(net, "gate." + std::to_string(k), x, experts));
  }
  return bodies;
}

std::vector<NetValue> PleBodies(const ModelSpec& spec, NetBuilder& net, Towers& towers,
                                NetValue x) {
  const std::size_t labels = LabelsOf(spec);
  std::vector<NetValue> bodies(labels, x);
  NetValue common = x;
  for (std::size_t level = 0; level < spec.levels; ++level) {
    const std::string name = "level." + std::to_string(level);
    const auto experts = AddExperts(towers, name + ".common", common, spec.experts);
    std::vector<NetValue> all = experts;
    for (std::size_t k = 0; k < labels; ++k) {
      const std::string task = name + "." + std::to_string(k);
      const auto own = AddExperts(towers, task, bodies[k], spec.task_experts);
      all = Joined(all, own);
      bodies[k] = AddGate(net, task + ".gate", bodies[k], Joined(own, experts));
    }
    if (level + 1 < spec.levels) common = AddGate(net, name + ".common.gate", common, all);
  }
  return bodies;
}

// log(p / (1 - p)) of p = sigmoid(a) sigmoid(b), from 1 / p - 1 = e^-a + e^-b + e^-(a + b).
NetValue AddBoth(NetBuilder& net, NetValue a, NetValue b) {
  const NetValue terms = AddScale(net, net.Concat({a, b, AddSum(net, {a, b})}), -1);
  return AddScale(net, AddLogSumExp(net, terms), -1);
}

float StartOf(Loss loss, const std::vector<LabelShape>& labels, std::size_t k, bool of_first) {
  const float mean = labels[k].mean;
  return StartOfOutput(loss, of_first && labels[0].mean > 0 ? mean / labels[0].mean : mean);
}

StatusOr<NetModelOptions> OptionsOf(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, false));
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.task_hidden", spec.task_hidden));
  options.bias = false;
  options.labels = spec.labels;
  if (options.labels.empty()) options.labels = {{"", spec.label_mean, 1}};
  return options;
}

StatusOr<std::unique_ptr<Model>> MakeOfBodies(const ModelSpec& spec, const Bodies& bodies_of) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, OptionsOf(spec));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  options.build = [&](NetBuilder& net) {
    Towers towers(net, tower);
    const NetValue x = AddClickInputs(net, options.tables[0], spec.numeric).all;
    const std::vector<NetValue> bodies = bodies_of(net, towers, x);
    std::vector<NetValue> outputs;
    for (std::size_t k = 0; k < options.labels.size(); ++k) {
      outputs.push_back(towers.Output("task." + std::to_string(k), bodies[k], spec.task_hidden,
                                      StartOf(options.loss, options.labels, k, false)));
    }
    return net.Concat(outputs);
  };
  return MakeNetModel(options);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeSharedBottom(const ModelSpec& spec) {
  return MakeOfBodies(spec, [&](NetBuilder&, Towers& towers, NetValue x) {
    const NetValue bottom = towers.Hidden("bottom", x);
    return std::vector<NetValue>(LabelsOf(spec), bottom);
  });
}

StatusOr<std::unique_ptr<Model>> MakeMmoe(const ModelSpec& spec) {
  return MakeOfBodies(spec, [&](NetBuilder& net, Towers& towers, NetValue x) {
    return MmoeBodies(spec, net, towers, x);
  });
}

StatusOr<std::unique_ptr<Model>> MakePle(const ModelSpec& spec) {
  return MakeOfBodies(spec, [&](NetBuilder& net, Towers& towers, NetValue x) {
    return PleBodies(spec, net, towers, x);
  });
}

StatusOr<std::unique_ptr<Model>> MakeEsmm(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, OptionsOf(spec));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  if (options.labels.size() != 2 || options.loss != Loss::kBce) {
    return InvalidInput(
        "model 'esmm' wants two labels, such as click and conversion, and "
        "model.loss = \"bce\"; there are ",
        options.labels.size(), " labels and the loss is \"", spec.loss, "\"");
  }
  options.build = [&](NetBuilder& net) {
    Towers towers(net, tower);
    const NetValue x = AddClickInputs(net, options.tables[0], spec.numeric).all;
    const auto output = [&](std::size_t k) {
      return towers.Output("task." + std::to_string(k), x, spec.hidden,
                           StartOf(options.loss, options.labels, k, k == 1));
    };
    const NetValue first = output(0);
    const NetValue second = output(1);
    return net.Concat({first, AddBoth(net, first, second)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
