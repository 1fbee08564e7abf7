#include "media/image/image.h"
#include "engine/engine.h"
