/* Small pictures of content, for a person to see what a match is about: baseline JPEGs, made by the sealed child. */
#ifndef WIRE_PREVIEW_H
#define WIRE_PREVIEW_H

#include <stdint.h>

#define PREVIEW_SIDE_MAX 320u   /* pixels of the long side */
#define PREVIEW_SIZE_MAX 32768u /* bytes */
#define PREVIEW_MAX      8u     /* of one content */

/* What is shown: a picture or a page of it, a frame of what moves, a part. The numbers are on the wire and in rows. */
enum preview_kind { PREVIEW_PAGE = 1, PREVIEW_FRAME = 2, PREVIEW_REGION = 3 };

#endif
