#include "launch/init_report.h"

#include <iomanip>
#include <sstream>

#include "common/json.h"
#include "ps/updater.h"

namespace rookery {
namespace {

std::string StateText(const TableInit& table) {
  if (!table.from) return "new table";
  if (!table.to) return "table dropped";
  if (!table.rows) return "begins empty";
  if (table.state) return "kept";
  return StrCat("begins anew (", UpdaterName(table.from->updater.kind), " -> ",
                UpdaterName(table.to->updater.kind), ")");
}

std::string WordOf(const DenseBlockInit& block) {
  if (!block.from) return "new";
  if (!block.to) return "dropped";
  if (block.taken() == 0) return "reset";
  return block.taken() == block.to->rows && block.from->rows == block.to->rows ? "taken"
                                                                               : "partly taken";
}

std::string FeatureText(const FeatureInit& feature) {
  switch (feature.change) {
    case FeatureInit::Change::kNew:
      return "is new: its rows are made when they are seen";
    case FeatureInit::Change::kDropped:
      return "is dropped: its rows stay in the tables it shared; how many is not known, since a "
             "key does not tell its feature";
    case FeatureInit::Change::kChanged:
      break;
  }
  return "is changed: " + feature.why;
}

std::string_view NameOf(FeatureInit::Change change) {
  switch (change) {
    case FeatureInit::Change::kNew:
      return "new";
    case FeatureInit::Change::kDropped:
      return "dropped";
    case FeatureInit::Change::kChanged:
      break;
  }
  return "changed";
}

struct Counts {
  std::uint64_t before = 0;
  std::uint64_t taken = 0;
  std::uint64_t made = 0;
};

Counts CountsOf(const InitReport& report, std::size_t table) {
  const std::uint64_t before = report.rows_before[table];
  return {before, report.plan.tables[table].rows ? before : 0, 0};
}

Counts CountsOf(const DenseBlockInit& block) {
  const std::uint64_t now = block.to ? block.to->rows : 0;
  return {block.from ? block.from->rows : 0, block.taken(), now - block.taken()};
}

void PrintLine(std::ostream& out, const std::string& name, const Counts& counts,
               const std::string& word) {
  out << std::left << std::setw(24) << name << std::right << std::setw(12) << counts.before
      << std::setw(12) << counts.taken << std::setw(12) << counts.made << std::setw(12)
      << counts.before - counts.taken << "  " << word << "\n";
}

void PrintTitle(std::ostream& out, const std::string& name, const std::string& word) {
  out << std::left << std::setw(24) << name << std::right;
  for (const char* title : {"rows before", "taken", "new", "dropped"}) {
    out << std::setw(12) << title;
  }
  out << "  " << word << "\n";
}

}  // namespace

std::string InitReportToText(const InitReport& report) {
  std::ostringstream out;
  const CheckpointManifest& manifest = report.source->manifest;
  out << "begins with " << report.source->path << " (step " << manifest.step << ", "
      << manifest.updates << " updates)\n";
  for (const FeatureInit& feature : report.plan.features) {
    out << "feature '" << feature.name << "' " << FeatureText(feature) << "\n";
  }
  PrintTitle(out, "table", "updater state");
  for (std::size_t i = 0; i < report.plan.tables.size(); ++i) {
    const TableInit& table = report.plan.tables[i];
    PrintLine(out, table.name, CountsOf(report, i), StateText(table));
  }
  PrintTitle(out, "dense block", "");
  for (const DenseBlockInit& block : report.plan.blocks) {
    PrintLine(out, block.name, CountsOf(block), WordOf(block));
  }
  if (!report.plan.dense_state) out << "the updater state of the dense parameters begins anew\n";
  return std::move(out).str();
}

std::string InitReportToJson(const InitReport& report) {
  JsonArray features;
  for (const FeatureInit& feature : report.plan.features) {
    features.push_back(JsonObject{
        {"name", feature.name}, {"change", NameOf(feature.change)}, {"why", feature.why}});
  }
  JsonArray tables;
  for (std::size_t i = 0; i < report.plan.tables.size(); ++i) {
    const TableInit& table = report.plan.tables[i];
    const Counts counts = CountsOf(report, i);
    tables.push_back(JsonObject{{"name", table.name},
                                {"rows_before", counts.before},
                                {"rows_taken", counts.taken},
                                {"rows_dropped", counts.before - counts.taken},
                                {"state", StateText(table)}});
  }
  JsonArray blocks;
  for (const DenseBlockInit& block : report.plan.blocks) {
    const Counts counts = CountsOf(block);
    blocks.push_back(JsonObject{{"name", block.name},
                                {"rows_before", counts.before},
                                {"rows_taken", counts.taken},
                                {"rows_new", counts.made},
                                {"rows_dropped", counts.before - counts.taken},
                                {"word", WordOf(block)}});
  }
  return WriteJsonPretty(JsonObject{{"from", report.source->path},
                                    {"step", report.source->manifest.step},
                                    {"updates", report.source->manifest.updates},
                                    {"features", std::move(features)},
                                    {"tables", std::move(tables)},
                                    {"dense", std::move(blocks)},
                                    {"dense_state_kept", report.plan.dense_state}});
}

}  // namespace rookery
