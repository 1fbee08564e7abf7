#include "media/image/image.h"
