/* What stands beside a content, made alike for comparison: two captions that differ in nothing a reader would notice fold to
 * the same bytes. It merges too little rather than too much, for a decision on many uploads at once rests on their captions
 * being the same.
 *
 *   becomes one   small and capital letters; full-width, bold and presentation forms (ﺳ and س); the forms of alef
 *                 with and without hamza, Persian yeh and kaf; digits of three scripts; blanks; quotation marks, dashes,
 *                 Arabic commas and question marks with their Latin sisters
 *   goes          what is not seen, tatweel and Arabic vowel signs; . , ; : ! - at the ends of words
 *   stays         a question mark, quotation marks, accents, alef maqsura, brackets and with them smileys, emoji; whatever
 *                 stands within a word or before a digit: 3.5 is not 35, -5 is not 5, 10² is not 102; and links as
 *                 they were written */
#ifndef ENGINE_CAPTION_H
#define ENGINE_CAPTION_H

#include "base/buf.h"

/* Appends the folded form, which folds to itself. text: UTF-8; NULL is "". Never longer than twelve times the text. */
void caption_fold(const char *text, struct buf *buf);

#endif
