// README.txt of an export: how to score it, for somebody who has nothing but the directory.
#pragma once

#include <string>

#include "models/model.h"
#include "serving/schema_file.h"

namespace rookery {

[[nodiscard]] std::string ReadmeText(const ExportSchema& schema, const Model& model);

}  // namespace rookery
