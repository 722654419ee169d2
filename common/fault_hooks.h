// ROOKERY_FAULT(name): true when a test has put the deliberate fault `name` in force. The
// simulation proves with it that such a bug would be noticed (tests/sim/mutants_test.cc).
//
// Constant false, and so nothing at all, unless a source file is compiled with
// -DROOKERY_FAULT_HOOKS, which only that test program does. Used in .cc files only.
#pragma once

#ifdef ROOKERY_FAULT_HOOKS
#include <string_view>
namespace rookery {
inline std::string_view fault_in_force;
}  // namespace rookery
#define ROOKERY_FAULT(name) (::rookery::fault_in_force == #name)
#else
#define ROOKERY_FAULT(name) false
#endif
