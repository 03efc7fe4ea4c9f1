/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Config space as words with rules: what all functions, ports and bridges have in common. Nothing outside models/pcie/
 * includes this.
 */
#ifndef MODELS_PCIE_CONFIG_WORDS_H
#define MODELS_PCIE_CONFIG_WORDS_H

#include "pcie.h"

#define MASK(hi, lo) ((~0u >> (31 - (hi))) & (~0u << (lo)))
#define HIGH_HALF 16 /* a 16-bit register at offset 2 of its word */

/* 7.5.1 PCI-Compatible Configuration Registers */
#define HEADER_ID 0x00
#define HEADER_COMMAND 0x04
#define HEADER_CLASS 0x08
#define HEADER_CACHE_LINE 0x0c
#define HEADER_CAPABILITIES 0x34
#define HEADER_INTERRUPT 0x3c
#define COMMAND_MEMORY_SPACE MASK(1, 1)
#define COMMAND_BUS_MASTER MASK(2, 2)
#define COMMAND_PARITY_ERROR_RESPONSE MASK(6, 6)
#define COMMAND_SERR MASK(8, 8)
#define COMMAND_INTERRUPT_DISABLE MASK(10, 10)
#define COMMAND_WRITABLE                                                             \
	(COMMAND_MEMORY_SPACE | COMMAND_BUS_MASTER | COMMAND_PARITY_ERROR_RESPONSE | \
	 COMMAND_SERR | COMMAND_INTERRUPT_DISABLE)
#define STATUS_CAPABILITIES (MASK(4, 4) << HIGH_HALF)
#define STATUS_ERRORS ((MASK(15, 11) | MASK(8, 8)) << HIGH_HALF)
#define HEADER_TYPE_SHIFT 16 /* in the word of HEADER_CACHE_LINE */
#define HEADER_TYPE_MULTIFUNCTION (MASK(7, 7) << HEADER_TYPE_SHIFT)

/* 7.5.3 PCI Express Capability Structure */
#define PCIE_CAPABILITY 0x40
#define PCIE_CAPABILITY_ID 0x10u
#define PCIE_CAPABILITY_VERSION (2u << HIGH_HALF)
#define PCIE_TYPE(type) ((u32)(type) << 4 << HIGH_HALF)

/* 7.6.3 Extended capabilities: ID 15:0, version 19:16, next 31:20 */
#define EXTENDED_START 0x100u
#define EXTENDED_VERSION_1 (1u << 16)

/* 7.7.11 ACS: capability register 15:0, control register 31:16 of the word at 4, vector at 8 */
#define EXTENDED_ID_ACS 0x0du
#define ACS_REGISTERS 0x04
#define ACS_EGRESS_VECTOR 0x08
#define ACS_VECTOR_BITS 32u
#define ACS_VECTOR_SIZE_SHIFT 8

/** The rules of 4 bytes of config space. */
struct pcie_config_word {
	u32 value;
	u32 writable; /* bits that software sets and clears */
	u32 clearable; /* bits that software clears by writing one */
	u32 reset; /* value after a function-level reset */
};

/** One register, or a pair of 16-bit ones, as it is built: value is its reset value. */
struct config_register {
	unsigned int offset;
	u32 value, writable, clearable;
};

static inline void pcie_word_build(struct pcie_config_word *words, struct config_register reg)
{
	words[reg.offset / 4] = (struct pcie_config_word){
		.value = reg.value,
		.writable = reg.writable,
		.clearable = reg.clearable,
	};
}

/** The registers of an ACS capability whose header is at offset. */
static inline void pcie_acs_build(struct pcie_config_word *words, unsigned int offset,
				  struct pcie_acs acs)
{
	bool vector = acs.capability & PCIE_ACS_EGRESS_CONTROL;

	pcie_word_build(words,
			(struct config_register){
				.offset = offset + ACS_REGISTERS,
				.value = acs.capability |
					 (vector ? ACS_VECTOR_BITS << ACS_VECTOR_SIZE_SHIFT : 0) |
					 (u32)(acs.control & acs.capability) << HIGH_HALF,
				.writable = (u32)acs.capability << HIGH_HALF,
			});
	pcie_word_build(words, (struct config_register){ .offset = offset + ACS_EGRESS_VECTOR,
							 .writable = vector ? ~0u : 0 });
}

static inline bool pcie_access_legal(unsigned int offset, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && offset % size == 0 && offset <= 4096 - size;
}

/** As many ones as size bytes have bits. */
static inline u32 pcie_access_ones(unsigned int size)
{
	return ~0u >> (32 - size * 8);
}

/** Reads words that hold the first used bytes of config space; beyond, it reads as zero. */
static inline u32 pcie_words_read(const struct pcie_config_word *words, unsigned int used,
				  unsigned int offset, unsigned int size)
{
	if (!pcie_access_legal(offset, size))
		return ~0u;
	if (offset >= used)
		return 0;
	return words[offset / 4].value >> (offset % 4 * 8) & pcie_access_ones(size);
}

/** Writes what software may write of a word; the value as it lies in the word. */
static inline u32 pcie_word_write(struct pcie_config_word *word, unsigned int offset,
				  unsigned int size, u32 value)
{
	unsigned int shift = offset % 4 * 8;
	u32 written = (value & pcie_access_ones(size)) << shift;
	u32 mask = pcie_access_ones(size) << shift & word->writable;

	word->value = (word->value & ~mask) | (written & mask);
	return written;
}

#endif
