// SPDX-License-Identifier: GPL-2.0-only
/* Text between people and the program: escaping what is not trusted, durations, numbers. */
#include <errno.h>
#include <string.h>

#include "user/base/text.h"
#include "user/base/units.h"

#define ESCAPE_COLUMNS 4 /* \xNN */

/*
 * Code points beyond ASCII that a terminal obeys or hides: C1 controls, the general categories Cf
 * (bidirectional and other format characters), Zl and Zp, the fillers and tags that are invisible
 * without being Cf, and code points that will never be characters. In order.
 */
static const struct range {
	uint32_t first, last;
} invisible[] = {
	{ 0x0080, 0x009f },   { 0x00ad, 0x00ad },     { 0x034f, 0x034f },   { 0x0600, 0x0605 },
	{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },     { 0x070f, 0x070f },   { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },     { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },     { 0x2060, 0x206f },   { 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },     { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },   { 0x110bd, 0x110bd },   { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },   { 0x1fffe, 0x1ffff }, { 0x2fffe, 0x2ffff },
	{ 0x3fffe, 0x3ffff }, { 0x4fffe, 0x4ffff },   { 0x5fffe, 0x5ffff }, { 0x6fffe, 0x6ffff },
	{ 0x7fffe, 0x7ffff }, { 0x8fffe, 0x8ffff },   { 0x9fffe, 0x9ffff }, { 0xafffe, 0xaffff },
	{ 0xbfffe, 0xbffff }, { 0xcfffe, 0xcffff },   { 0xdfffe, 0xe0fff }, { 0xefffe, 0xeffff },
	{ 0xffffe, 0xfffff }, { 0x10fffe, 0x10ffff },
};

/*
 * Columns as wcwidth has them, of Unicode 14: East Asian Width W and F are two, and so are what
 * fonts of these languages draw square besides, and the emoji that have a picture of their own;
 * pictographs that are still to come are taken for such. In order.
 */
static const struct range square[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },	  { 0x23e9, 0x23ec },
	{ 0x23f0, 0x23f0 },   { 0x23f3, 0x23f3 },   { 0x25fd, 0x25fe },	  { 0x2614, 0x2615 },
	{ 0x2648, 0x2653 },   { 0x267f, 0x267f },   { 0x2693, 0x2693 },	  { 0x26a1, 0x26a1 },
	{ 0x26aa, 0x26ab },   { 0x26bd, 0x26be },   { 0x26c4, 0x26c5 },	  { 0x26ce, 0x26ce },
	{ 0x26d4, 0x26d4 },   { 0x26ea, 0x26ea },   { 0x26f2, 0x26f3 },	  { 0x26f5, 0x26f5 },
	{ 0x26fa, 0x26fa },   { 0x26fd, 0x26fd },   { 0x2705, 0x2705 },	  { 0x270a, 0x270b },
	{ 0x2728, 0x2728 },   { 0x274c, 0x274c },   { 0x274e, 0x274e },	  { 0x2753, 0x2755 },
	{ 0x2757, 0x2757 },   { 0x2795, 0x2797 },   { 0x27b0, 0x27b0 },	  { 0x27bf, 0x27bf },
	{ 0x2b1b, 0x2b1c },   { 0x2b50, 0x2b50 },   { 0x2b55, 0x2b55 },	  { 0x2e80, 0x3029 },
	{ 0x302e, 0x303e },   { 0x3041, 0x3096 },   { 0x309b, 0xa4c6 },	  { 0xa960, 0xa97c },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfad9 },   { 0xfe10, 0xfe19 },	  { 0xfe30, 0xfe6b },
	{ 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x16fe0, 0x16fe3 }, { 0x16ff0, 0x1b2fb },
	{ 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a },
	{ 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f335 }, { 0x1f337, 0x1f37c }, { 0x1f37e, 0x1f393 },
	{ 0x1f3a0, 0x1f3ca }, { 0x1f3cf, 0x1f3d3 }, { 0x1f3e0, 0x1f3f0 }, { 0x1f3f4, 0x1f3f4 },
	{ 0x1f3f8, 0x1f43e }, { 0x1f440, 0x1f440 }, { 0x1f442, 0x1f4fc }, { 0x1f4ff, 0x1f53d },
	{ 0x1f54b, 0x1f54e }, { 0x1f550, 0x1f567 }, { 0x1f57a, 0x1f57a }, { 0x1f595, 0x1f596 },
	{ 0x1f5a4, 0x1f5a4 }, { 0x1f5fb, 0x1f64f }, { 0x1f680, 0x1f6c5 }, { 0x1f6cc, 0x1f6cc },
	{ 0x1f6d0, 0x1f6d2 }, { 0x1f6d5, 0x1f6df }, { 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc },
	{ 0x1f7e0, 0x1f7f0 }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 }, { 0x1f947, 0x1f9ff },
	{ 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

/*
 * What stands on the character before it: the general categories Mn and Me, and the vowels and
 * final consonants of Hangul syllables that are written in parts. In order.
 */
static const struct range combining[] = {
	{ 0x0300, 0x036f },   { 0x0483, 0x0489 },   { 0x0591, 0x05bd },	  { 0x05bf, 0x05bf },
	{ 0x05c1, 0x05c2 },   { 0x05c4, 0x05c5 },   { 0x05c7, 0x05c7 },	  { 0x0610, 0x061a },
	{ 0x064b, 0x065f },   { 0x0670, 0x0670 },   { 0x06d6, 0x06dc },	  { 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 },   { 0x06ea, 0x06ed },   { 0x0711, 0x0711 },	  { 0x0730, 0x074a },
	{ 0x07a6, 0x07b0 },   { 0x07eb, 0x07f3 },   { 0x07fd, 0x07fd },	  { 0x0816, 0x0819 },
	{ 0x081b, 0x0823 },   { 0x0825, 0x0827 },   { 0x0829, 0x082d },	  { 0x0859, 0x085b },
	{ 0x0898, 0x089f },   { 0x08ca, 0x0902 },   { 0x093a, 0x093a },	  { 0x093c, 0x093c },
	{ 0x0941, 0x0948 },   { 0x094d, 0x094d },   { 0x0951, 0x0957 },	  { 0x0962, 0x0963 },
	{ 0x0981, 0x0981 },   { 0x09bc, 0x09bc },   { 0x09c1, 0x09c4 },	  { 0x09cd, 0x09cd },
	{ 0x09e2, 0x09e3 },   { 0x09fe, 0x0a02 },   { 0x0a3c, 0x0a3c },	  { 0x0a41, 0x0a51 },
	{ 0x0a70, 0x0a71 },   { 0x0a75, 0x0a75 },   { 0x0a81, 0x0a82 },	  { 0x0abc, 0x0abc },
	{ 0x0ac1, 0x0ac8 },   { 0x0acd, 0x0acd },   { 0x0ae2, 0x0ae3 },	  { 0x0afa, 0x0b01 },
	{ 0x0b3c, 0x0b3c },   { 0x0b3f, 0x0b3f },   { 0x0b41, 0x0b44 },	  { 0x0b4d, 0x0b56 },
	{ 0x0b62, 0x0b63 },   { 0x0b82, 0x0b82 },   { 0x0bc0, 0x0bc0 },	  { 0x0bcd, 0x0bcd },
	{ 0x0c00, 0x0c00 },   { 0x0c04, 0x0c04 },   { 0x0c3c, 0x0c3c },	  { 0x0c3e, 0x0c40 },
	{ 0x0c46, 0x0c56 },   { 0x0c62, 0x0c63 },   { 0x0c81, 0x0c81 },	  { 0x0cbc, 0x0cbc },
	{ 0x0cbf, 0x0cbf },   { 0x0cc6, 0x0cc6 },   { 0x0ccc, 0x0ccd },	  { 0x0ce2, 0x0ce3 },
	{ 0x0d00, 0x0d01 },   { 0x0d3b, 0x0d3c },   { 0x0d41, 0x0d44 },	  { 0x0d4d, 0x0d4d },
	{ 0x0d62, 0x0d63 },   { 0x0d81, 0x0d81 },   { 0x0dca, 0x0dca },	  { 0x0dd2, 0x0dd6 },
	{ 0x0e31, 0x0e31 },   { 0x0e34, 0x0e3a },   { 0x0e47, 0x0e4e },	  { 0x0eb1, 0x0eb1 },
	{ 0x0eb4, 0x0ebc },   { 0x0ec8, 0x0ecd },   { 0x0f18, 0x0f19 },	  { 0x0f35, 0x0f35 },
	{ 0x0f37, 0x0f37 },   { 0x0f39, 0x0f39 },   { 0x0f71, 0x0f7e },	  { 0x0f80, 0x0f84 },
	{ 0x0f86, 0x0f87 },   { 0x0f8d, 0x0fbc },   { 0x0fc6, 0x0fc6 },	  { 0x102d, 0x1030 },
	{ 0x1032, 0x1037 },   { 0x1039, 0x103a },   { 0x103d, 0x103e },	  { 0x1058, 0x1059 },
	{ 0x105e, 0x1060 },   { 0x1071, 0x1074 },   { 0x1082, 0x1082 },	  { 0x1085, 0x1086 },
	{ 0x108d, 0x108d },   { 0x109d, 0x109d },   { 0x1160, 0x11ff },	  { 0x135d, 0x135f },
	{ 0x1712, 0x1714 },   { 0x1732, 0x1733 },   { 0x1752, 0x1753 },	  { 0x1772, 0x1773 },
	{ 0x17b4, 0x17b5 },   { 0x17b7, 0x17bd },   { 0x17c6, 0x17c6 },	  { 0x17c9, 0x17d3 },
	{ 0x17dd, 0x17dd },   { 0x180b, 0x180f },   { 0x1885, 0x1886 },	  { 0x18a9, 0x18a9 },
	{ 0x1920, 0x1922 },   { 0x1927, 0x1928 },   { 0x1932, 0x1932 },	  { 0x1939, 0x193b },
	{ 0x1a17, 0x1a18 },   { 0x1a1b, 0x1a1b },   { 0x1a56, 0x1a56 },	  { 0x1a58, 0x1a60 },
	{ 0x1a62, 0x1a62 },   { 0x1a65, 0x1a6c },   { 0x1a73, 0x1a7f },	  { 0x1ab0, 0x1b03 },
	{ 0x1b34, 0x1b34 },   { 0x1b36, 0x1b3a },   { 0x1b3c, 0x1b3c },	  { 0x1b42, 0x1b42 },
	{ 0x1b6b, 0x1b73 },   { 0x1b80, 0x1b81 },   { 0x1ba2, 0x1ba5 },	  { 0x1ba8, 0x1ba9 },
	{ 0x1bab, 0x1bad },   { 0x1be6, 0x1be6 },   { 0x1be8, 0x1be9 },	  { 0x1bed, 0x1bed },
	{ 0x1bef, 0x1bf1 },   { 0x1c2c, 0x1c33 },   { 0x1c36, 0x1c37 },	  { 0x1cd0, 0x1cd2 },
	{ 0x1cd4, 0x1ce0 },   { 0x1ce2, 0x1ce8 },   { 0x1ced, 0x1ced },	  { 0x1cf4, 0x1cf4 },
	{ 0x1cf8, 0x1cf9 },   { 0x1dc0, 0x1dff },   { 0x20d0, 0x20f0 },	  { 0x2cef, 0x2cf1 },
	{ 0x2d7f, 0x2d7f },   { 0x2de0, 0x2dff },   { 0x302a, 0x302d },	  { 0x3099, 0x309a },
	{ 0xa66f, 0xa672 },   { 0xa674, 0xa67d },   { 0xa69e, 0xa69f },	  { 0xa6f0, 0xa6f1 },
	{ 0xa802, 0xa802 },   { 0xa806, 0xa806 },   { 0xa80b, 0xa80b },	  { 0xa825, 0xa826 },
	{ 0xa82c, 0xa82c },   { 0xa8c4, 0xa8c5 },   { 0xa8e0, 0xa8f1 },	  { 0xa8ff, 0xa8ff },
	{ 0xa926, 0xa92d },   { 0xa947, 0xa951 },   { 0xa980, 0xa982 },	  { 0xa9b3, 0xa9b3 },
	{ 0xa9b6, 0xa9b9 },   { 0xa9bc, 0xa9bd },   { 0xa9e5, 0xa9e5 },	  { 0xaa29, 0xaa2e },
	{ 0xaa31, 0xaa32 },   { 0xaa35, 0xaa36 },   { 0xaa43, 0xaa43 },	  { 0xaa4c, 0xaa4c },
	{ 0xaa7c, 0xaa7c },   { 0xaab0, 0xaab0 },   { 0xaab2, 0xaab4 },	  { 0xaab7, 0xaab8 },
	{ 0xaabe, 0xaabf },   { 0xaac1, 0xaac1 },   { 0xaaec, 0xaaed },	  { 0xaaf6, 0xaaf6 },
	{ 0xabe5, 0xabe5 },   { 0xabe8, 0xabe8 },   { 0xabed, 0xabed },	  { 0xd7b0, 0xd7fb },
	{ 0xfb1e, 0xfb1e },   { 0xfe00, 0xfe0f },   { 0xfe20, 0xfe2f },	  { 0x101fd, 0x101fd },
	{ 0x102e0, 0x102e0 }, { 0x10376, 0x1037a }, { 0x10a01, 0x10a0f }, { 0x10a38, 0x10a3f },
	{ 0x10ae5, 0x10ae6 }, { 0x10d24, 0x10d27 }, { 0x10eab, 0x10eac }, { 0x10f46, 0x10f50 },
	{ 0x10f82, 0x10f85 }, { 0x11001, 0x11001 }, { 0x11038, 0x11046 }, { 0x11070, 0x11070 },
	{ 0x11073, 0x11074 }, { 0x1107f, 0x11081 }, { 0x110b3, 0x110b6 }, { 0x110b9, 0x110ba },
	{ 0x110c2, 0x110c2 }, { 0x11100, 0x11102 }, { 0x11127, 0x1112b }, { 0x1112d, 0x11134 },
	{ 0x11173, 0x11173 }, { 0x11180, 0x11181 }, { 0x111b6, 0x111be }, { 0x111c9, 0x111cc },
	{ 0x111cf, 0x111cf }, { 0x1122f, 0x11231 }, { 0x11234, 0x11234 }, { 0x11236, 0x11237 },
	{ 0x1123e, 0x1123e }, { 0x112df, 0x112df }, { 0x112e3, 0x112ea }, { 0x11300, 0x11301 },
	{ 0x1133b, 0x1133c }, { 0x11340, 0x11340 }, { 0x11366, 0x11374 }, { 0x11438, 0x1143f },
	{ 0x11442, 0x11444 }, { 0x11446, 0x11446 }, { 0x1145e, 0x1145e }, { 0x114b3, 0x114b8 },
	{ 0x114ba, 0x114ba }, { 0x114bf, 0x114c0 }, { 0x114c2, 0x114c3 }, { 0x115b2, 0x115b5 },
	{ 0x115bc, 0x115bd }, { 0x115bf, 0x115c0 }, { 0x115dc, 0x115dd }, { 0x11633, 0x1163a },
	{ 0x1163d, 0x1163d }, { 0x1163f, 0x11640 }, { 0x116ab, 0x116ab }, { 0x116ad, 0x116ad },
	{ 0x116b0, 0x116b5 }, { 0x116b7, 0x116b7 }, { 0x1171d, 0x1171f }, { 0x11722, 0x11725 },
	{ 0x11727, 0x1172b }, { 0x1182f, 0x11837 }, { 0x11839, 0x1183a }, { 0x1193b, 0x1193c },
	{ 0x1193e, 0x1193e }, { 0x11943, 0x11943 }, { 0x119d4, 0x119db }, { 0x119e0, 0x119e0 },
	{ 0x11a01, 0x11a0a }, { 0x11a33, 0x11a38 }, { 0x11a3b, 0x11a3e }, { 0x11a47, 0x11a47 },
	{ 0x11a51, 0x11a56 }, { 0x11a59, 0x11a5b }, { 0x11a8a, 0x11a96 }, { 0x11a98, 0x11a99 },
	{ 0x11c30, 0x11c3d }, { 0x11c3f, 0x11c3f }, { 0x11c92, 0x11ca7 }, { 0x11caa, 0x11cb0 },
	{ 0x11cb2, 0x11cb3 }, { 0x11cb5, 0x11cb6 }, { 0x11d31, 0x11d45 }, { 0x11d47, 0x11d47 },
	{ 0x11d90, 0x11d91 }, { 0x11d95, 0x11d95 }, { 0x11d97, 0x11d97 }, { 0x11ef3, 0x11ef4 },
	{ 0x16af0, 0x16af4 }, { 0x16b30, 0x16b36 }, { 0x16f4f, 0x16f4f }, { 0x16f8f, 0x16f92 },
	{ 0x16fe4, 0x16fe4 }, { 0x1bc9d, 0x1bc9e }, { 0x1cf00, 0x1cf46 }, { 0x1d167, 0x1d169 },
	{ 0x1d17b, 0x1d182 }, { 0x1d185, 0x1d18b }, { 0x1d1aa, 0x1d1ad }, { 0x1d242, 0x1d244 },
	{ 0x1da00, 0x1da36 }, { 0x1da3b, 0x1da6c }, { 0x1da75, 0x1da75 }, { 0x1da84, 0x1da84 },
	{ 0x1da9b, 0x1daaf }, { 0x1e000, 0x1e02a }, { 0x1e130, 0x1e136 }, { 0x1e2ae, 0x1e2ae },
	{ 0x1e2ec, 0x1e2ef }, { 0x1e8d0, 0x1e8d6 }, { 0x1e944, 0x1e94a }, { 0xe0100, 0xe01ef },
};

#define HAS(ranges, code) has(ranges, sizeof(ranges) / sizeof(*(ranges)), code)

static bool has(const struct range *ranges, size_t count, uint32_t code)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > ranges[middle].last)
			low = middle + 1;
		else if (code < ranges[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

bool text_is_visible(uint32_t code)
{
	if (code < 0x80)
		return code >= ' ' && code != 0x7f;
	return code <= 0x10ffff && !HAS(invisible, code);
}

size_t text_columns(uint32_t code)
{
	if (code < square[0].first && code < combining[0].first)
		return 1;
	return HAS(combining, code) ? 0 : HAS(square, code) ? 2 : 1;
}

size_t text_code_point(const char *bytes, size_t size, uint32_t *ret_code)
{
	/* By length: the bits of the first byte, and the smallest code point that needs so many. */
	static const uint32_t first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first;
	uint32_t code;
	size_t length;
	size_t i;

	if (!size)
		return 0;
	first = (unsigned char)bytes[0];
	if (first < 0x80)
		length = 1;
	else if (first < 0xc2 || first > 0xf4)
		return 0;
	else
		length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (length > size)
		return 0;
	code = first & first_bits[length];
	for (i = 1; i < length; i++) {
		unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return length;
}

static inline bool is_ascii_word(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return !(word & 0x8080808080808080);
}

size_t text_width(const char *text, size_t size)
{
	size_t columns = 0, length;
	uint32_t code;

	/* Most of it is ASCII, up to the end. */
	for (; size >= sizeof(uint64_t) && is_ascii_word(text); text += sizeof(uint64_t)) {
		columns += sizeof(uint64_t);
		size -= sizeof(uint64_t);
	}
	for (; size && !(*text & 0x80); text++, size--)
		columns++;
	for (; size && (length = text_code_point(text, size, &code));
	     text += length, size -= length)
		columns += text_columns(code);
	return columns;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

static void add_escape(struct buffer *b, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[ESCAPE_COLUMNS] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

	buffer_add(b, escape, sizeof(escape));
}

size_t text_add_escaped(struct buffer *b, const char *bytes, size_t size, size_t columns)
{
	size_t used = 0;
	size_t at = 0;

	while (at < size) {
		size_t begin = at;
		uint32_t code;
		size_t length;

		while (at < size && is_plain(bytes[at]) && at - begin < columns - used)
			at++;
		if (at > begin) {
			buffer_add(b, bytes + begin, at - begin);
			used += at - begin;
			continue;
		}
		length = text_code_point(bytes + at, size - at, &code);
		if (length && code != '\\' && text_is_visible(code)) {
			size_t wide = text_columns(code);

			if (wide > columns - used)
				return used;
			buffer_add(b, bytes + at, length);
			used += wide;
			at += length;
			continue;
		}
		for (length = length ? length : 1; length; length--) {
			if (columns - used < ESCAPE_COLUMNS)
				return used;
			add_escape(b, (unsigned char)bytes[at++]);
			used += ESCAPE_COLUMNS;
		}
	}
	return used;
}

void text_add_csv(struct buffer *b, const char *bytes, size_t size)
{
	const char *quote;

	if (!size)
		return;
	/* A line feed and the like are escaped, so they never call for quotes. */
	if (!memchr(bytes, ',', size) && !memchr(bytes, '"', size) && bytes[0] != ' ' &&
	    bytes[size - 1] != ' ') {
		text_add_escaped(b, bytes, size, TEXT_UNLIMITED);
		return;
	}
	buffer_add_char(b, '"');
	while ((quote = memchr(bytes, '"', size))) {
		size_t part = (size_t)(quote - bytes) + 1;

		text_add_escaped(b, bytes, part, TEXT_UNLIMITED);
		buffer_add_char(b, '"');
		bytes += part;
		size -= part;
	}
	text_add_escaped(b, bytes, size, TEXT_UNLIMITED);
	buffer_add_char(b, '"');
}

static inline char *put_two_digits(char *at, unsigned int value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(at, pairs + 2 * (size_t)value, 2);
	return at + 2;
}

static inline char *put_up_to_99(char *at, unsigned int value)
{
	if (value >= 10)
		return put_two_digits(at, value);
	*at++ = (char)('0' + value);
	return at;
}

/* Most are short: what is left of others is as short after a few steps. */
char *text_put_u64(char *at, uint64_t value)
{
	unsigned int low = (unsigned int)(value % 10000);

	if (value < 100)
		return put_up_to_99(at, low);
	at = value < 10000 ? put_up_to_99(at, low / 100) :
			     put_two_digits(text_put_u64(at, value / 10000), low / 100);
	return put_two_digits(at, low % 100);
}

static uint64_t divide_round(uint64_t value, uint64_t by)
{
	return value / by + (value % by >= by - by / 2);
}

/* The finest steps of which fewer than 1000 make the duration: three significant digits. */
static const struct step {
	uint64_t ns, limit_ns; /* rounded, it is less than 1000 of them */
	unsigned int decimals;
	char unit[3];
} steps[] = {
#define STEP(ns, decimals, unit)                           \
	{                                                  \
		ns, 1000 * (ns) - (ns) / 2, decimals, unit \
	}
	STEP(1, 0, "ns"),
	STEP(10, 2, "us"),
	STEP(100, 1, "us"),
	STEP(NS_PER_US, 0, "us"),
	STEP(NS_PER_MS / 100, 2, "ms"),
	STEP(NS_PER_MS / 10, 1, "ms"),
	STEP(NS_PER_MS, 0, "ms"),
	STEP(NS_PER_S / 100, 2, "s"),
	STEP(NS_PER_S / 10, 1, "s"),
#undef STEP
};

/* Beyond: a greater unit with two digits of a lesser one, up to `limit` of the lesser. */
static const struct pair {
	uint64_t lesser_ns;
	unsigned int ratio, limit;
	char greater, lesser;
} pairs[] = {
	{ NS_PER_S, 60, 3600, 'm', 's' },
	{ 60 * NS_PER_S, 60, 24 * 60, 'h', 'm' },
	{ 3600 * NS_PER_S, 24, 100 * 24, 'd', 'h' },
};

static char *put_step(char *at, const struct step *s, unsigned int value)
{
	if (s->decimals) {
		unsigned int scale = s->decimals == 2 ? 100 : 10;

		at = put_up_to_99(at, value / scale);
		*at++ = '.';
		at = s->decimals == 2 ? put_two_digits(at, value % 100) :
					put_up_to_99(at, value % 10);
	} else {
		at = text_put_u64(at, value);
	}
	at[0] = s->unit[0];
	at[1] = s->unit[1];
	return at + 1 + (s->unit[1] != '\0');
}

static char *put_pair(char *at, const struct pair *p, unsigned int value)
{
	at = text_put_u64(at, value / p->ratio);
	*at++ = p->greater;
	at = put_two_digits(at, value % p->ratio);
	*at++ = p->lesser;
	return at;
}

static char *put_days(char *at, unsigned int days)
{
	at = text_put_u64(at, days < 10000 ? days : days / 365);
	*at++ = days < 10000 ? 'd' : 'y';
	return at;
}

static char *put_duration(char *at, uint64_t ns)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (ns < steps[i].limit_ns)
			return put_step(at, &steps[i], (unsigned int)divide_round(ns, steps[i].ns));
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		uint64_t value = divide_round(ns, pairs[i].lesser_ns);

		if (value < pairs[i].limit)
			return put_pair(at, &pairs[i], (unsigned int)value);
	}
	return put_days(at, (unsigned int)divide_round(ns, NS_PER_DAY));
}

char *text_put_duration(char *at, uint64_t ns)
{
	if (ns != UINT64_MAX)
		return put_duration(at, ns);
	*at++ = '-';
	return at;
}

const char *text_duration(uint64_t ns, char text[TEXT_DURATION_SIZE])
{
	*text_put_duration(text, ns) = '\0';
	return text;
}

/* Reads decimal digits, at least one; sets `end` behind them. */
static int parse_digits(const char *text, uint64_t *ret_value, const char **ret_end)
{
	uint64_t value = 0;
	const char *at;

	for (at = text; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return -ERANGE;
	}
	if (at == text)
		return -EINVAL;
	*ret_value = value;
	*ret_end = at;
	return 0;
}

int text_parse_u64(const char *text, uint64_t *ret_value)
{
	const char *end;
	uint64_t value;
	int err;

	err = parse_digits(text, &value, &end);
	if (err)
		return err;
	if (*end)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

/* The unit that ends a text, none being seconds; 0 when there is no such unit. */
static uint64_t duration_unit_ns(const char *text)
{
	static const struct unit {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },	  { "ns", 1 },	       { "us", NS_PER_US },
		{ "ms", NS_PER_MS },	  { "s", NS_PER_S },   { "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S }, { "d", NS_PER_DAY },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	return 0;
}

int text_parse_duration(const char *text, uint64_t *ret_ns)
{
	const char *fraction = NULL;
	uint64_t whole, unit_ns, ns;
	const char *end;
	int err;

	err = parse_digits(text, &whole, &end);
	if (err)
		return err;
	if (*end == '.') {
		fraction = ++end;
		while (*end >= '0' && *end <= '9')
			end++;
		if (end == fraction)
			return -EINVAL;
	}
	unit_ns = duration_unit_ns(end);
	if (!unit_ns)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit_ns, &ns))
		return -ERANGE;
	if (fraction) {
		uint64_t part_ns = 0;
		const char *digit;

		/* From the last digit: less than a nanosecond is cut off. */
		for (digit = end; digit > fraction; digit--)
			part_ns = (part_ns + (uint64_t)(digit[-1] - '0') * unit_ns) / 10;
		if (__builtin_add_overflow(ns, part_ns, &ns))
			return -ERANGE;
	}
	/* The greatest value means unknown everywhere else. */
	if (ns == UINT64_MAX)
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}

int text_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "kmg";
	const char *end;
	const char *unit;
	uint64_t bytes;
	int err;

	err = parse_digits(text, &bytes, &end);
	if (err)
		return err;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit || end[1])
			return -EINVAL;
		if (__builtin_mul_overflow(bytes, 1ULL << (10 * (unit - units + 1)), &bytes))
			return -ERANGE;
	}
	*ret_bytes = bytes;
	return 0;
}

bool text_is_closing(uint32_t code)
{
	static const uint32_t closing[] = { 0x3001, 0x3002, 0xff01, 0xff09,
					    0xff0c, 0xff1a, 0xff1b, 0xff1f };

	for (size_t i = 0; i < sizeof(closing) / sizeof(*closing); i++)
		if (code == closing[i])
			return true;
	return false;
}
