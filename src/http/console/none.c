/* A build without the console. */
#include "http/console/assets.h"

const struct console_asset console_assets[] = {{0}};
const char *const console_languages[] = {NULL};
const struct console_page console_pages[] = {{0}};
