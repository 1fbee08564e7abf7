/* A build without the console. */
#include "http/console/assets.h"

const struct console_asset console_assets[] = {{0}};
const char *const console_pages[] = {NULL};
