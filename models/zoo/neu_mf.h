// Neural matrix factorization (He et al. 2017): y = b + h . (p_u * q_i) + tower(m_u, m_i): a
// weighed product of vectors of table `default`, and a tower over those of table `mlp`.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeNeuMf(const ModelSpec& spec);

}  // namespace rookery
