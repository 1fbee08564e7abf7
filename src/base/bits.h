/* Bits and bytes of a word, where no instruction may be counted on: everything outside simd/ is built for machines of the
 * oldest kind, on which the compiler's own counting calls a function for each word. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

static inline unsigned bits_count(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555u;
	word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(word * 0x0101010101010101u >> 56);
}

/* One byte in all eight places. */
static inline uint64_t bits_each(unsigned char byte)
{
	return 0x0101010101010101u * byte;
}

/* Not 0 if one of eight bytes is below `least`, which is at most 0x80 (Mycroft). */
static inline uint64_t bits_any_below(uint64_t bytes, unsigned char least)
{
	return (bytes - bits_each(least)) & ~bytes & bits_each(0x80);
}

/* Not 0 if one of eight bytes is this one. */
static inline uint64_t bits_any_equal(uint64_t bytes, unsigned char byte)
{
	return bits_any_below(bytes ^ bits_each(byte), 1);
}

#endif
