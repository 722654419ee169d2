#pragma once
#include "common/json.h"  // moved there: JSON is no I/O, and protocol/ needs it
