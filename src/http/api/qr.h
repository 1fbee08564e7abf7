/* A QR code (ISO/IEC 18004) as SVG. */
#ifndef HTTP_API_QR_H
#define HTTP_API_QR_H

#include "base/buf.h"

/* Appends an image of the text: black on white whatever the page's colours are, because cameras want it so, with the quiet
 * zone of four modules. HILF_E_LIMIT for a text that no code holds. */
int qr_svg(const char *text, struct buf *buf, struct hilf_err *err);

#endif
