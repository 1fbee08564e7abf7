/* What stands beside a content, made alike for comparison: two captions that differ in nothing a reader would notice fold to
 * the same bytes. Letters become small, blanks one space, marks that are not seen and Arabic vowel signs go, forms of alef,
 * yeh and kaf and the digits of three scripts become one. It merges too little rather than too much: a decision on many
 * uploads at once rests on their captions being the same. */
#ifndef ENGINE_CAPTION_H
#define ENGINE_CAPTION_H

#include "base/buf.h"

/* Appends the folded form. text: UTF-8; NULL is "". Never longer than twice the text. */
void caption_fold(const char *text, struct buf *buf);

#endif
