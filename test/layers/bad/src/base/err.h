#include "hilf.h"
