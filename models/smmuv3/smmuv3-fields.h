/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field of every SMMUv3 register, structure, descriptor, command and event, named once. The
 * accessors below and the tables in smmuv3-format.c are both made from these lists.
 * NUMBER(prefix, name, hi, lo, meaning) is a number, ADDRESS(...) an address kept in place.
 */
#ifndef MODELS_SMMUV3_SMMUV3_FIELDS_H
#define MODELS_SMMUV3_SMMUV3_FIELDS_H

#include "../types.h"

/* clang-format off */

/* 6.3 Register formats */
#define SMMUV3_IDR0_FIELDS(NUMBER, ADDRESS) \
	NUMBER(idr0, S2P, 0, 0, "stage 2") \
	NUMBER(idr0, S1P, 1, 1, "stage 1") \
	NUMBER(idr0, TTF, 3, 2, "translation table formats: 2 is AArch64") \
	NUMBER(idr0, COHACC, 4, 4, "coherent access to tables and queues") \
	NUMBER(idr0, BTM, 5, 5, "broadcast TLB maintenance") \
	NUMBER(idr0, HTTU, 7, 6, "hardware update of access and dirty flags") \
	NUMBER(idr0, HYP, 9, 9, "EL2 contexts") \
	NUMBER(idr0, ATS, 10, 10, "PCIe ATS") \
	NUMBER(idr0, NS1ATS, 11, 11, "split-stage ATS not supported") \
	NUMBER(idr0, ASID16, 12, 12, "16-bit ASIDs") \
	NUMBER(idr0, MSI, 13, 13, "interrupts as messages") \
	NUMBER(idr0, SEV, 14, 14, "wake-up events") \
	NUMBER(idr0, ATOS, 15, 15, "address translation operations") \
	NUMBER(idr0, PRI, 16, 16, "page requests") \
	NUMBER(idr0, VMW, 17, 17, "VMID wildcards") \
	NUMBER(idr0, VMID16, 18, 18, "16-bit VMIDs") \
	NUMBER(idr0, CD2L, 19, 19, "two-level CD tables") \
	NUMBER(idr0, VATOS, 20, 20, "virtual ATOS page") \
	NUMBER(idr0, TTENDIAN, 22, 21, "table endianness: 2 is little") \
	NUMBER(idr0, STALL_MODEL, 25, 24, "1: faults terminate, never stall") \
	NUMBER(idr0, TERM_MODEL, 26, 26, "termination always aborts") \
	NUMBER(idr0, ST_LEVEL, 28, 27, "0: linear stream tables only, 1: two-level ones too")

#define SMMUV3_IDR1_FIELDS(NUMBER, ADDRESS) \
	NUMBER(idr1, SIDSIZE, 5, 0, "bits of a StreamID") \
	NUMBER(idr1, SSIDSIZE, 10, 6, "bits of a SubstreamID") \
	NUMBER(idr1, PRIQS, 15, 11, "log2 of the largest PRI queue") \
	NUMBER(idr1, EVENTQS, 20, 16, "log2 of the largest event queue") \
	NUMBER(idr1, CMDQS, 25, 21, "log2 of the largest command queue") \
	NUMBER(idr1, ATTR_PERMS_OVR, 26, 26, "PRIV and INST can be overridden") \
	NUMBER(idr1, ATTR_TYPES_OVR, 27, 27, "memory types can be overridden") \
	NUMBER(idr1, REL, 28, 28, "preset bases are relative") \
	NUMBER(idr1, QUEUES_PRESET, 29, 29, "queue bases are fixed") \
	NUMBER(idr1, TABLES_PRESET, 30, 30, "table bases are fixed")

#define SMMUV3_IDR5_FIELDS(NUMBER, ADDRESS) \
	NUMBER(idr5, OAS, 2, 0, "output address size") \
	NUMBER(idr5, GRAN4K, 4, 4, "4-KiB granule") \
	NUMBER(idr5, GRAN16K, 5, 5, "16-KiB granule") \
	NUMBER(idr5, GRAN64K, 6, 6, "64-KiB granule") \
	NUMBER(idr5, VAX, 11, 10, "0: 48-bit virtual addresses") \
	NUMBER(idr5, STALL_MAX, 31, 16, "most outstanding stalls")

#define SMMUV3_CR0_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cr0, SMMUEN, 0, 0, "translation enabled") \
	NUMBER(cr0, PRIQEN, 1, 1, "PRI queue enabled") \
	NUMBER(cr0, EVENTQEN, 2, 2, "event queue enabled") \
	NUMBER(cr0, CMDQEN, 3, 3, "command queue enabled") \
	NUMBER(cr0, ATSCHK, 4, 4, "check ATS translated traffic") \
	NUMBER(cr0, VMW, 8, 6, "VMID wildcard")

#define SMMUV3_CR1_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cr1, QUEUE_IC, 1, 0, "queues, inner cacheability") \
	NUMBER(cr1, QUEUE_OC, 3, 2, "queues, outer cacheability") \
	NUMBER(cr1, QUEUE_SH, 5, 4, "queues, shareability") \
	NUMBER(cr1, TABLE_IC, 7, 6, "stream table, inner cacheability") \
	NUMBER(cr1, TABLE_OC, 9, 8, "stream table, outer cacheability") \
	NUMBER(cr1, TABLE_SH, 11, 10, "stream table, shareability")

#define SMMUV3_CR2_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cr2, E2H, 0, 0, "EL2-E2H stream world") \
	NUMBER(cr2, RECINVSID, 1, 1, "record C_BAD_STREAMID") \
	NUMBER(cr2, PTM, 2, 2, "private TLB maintenance")

#define SMMUV3_GBPA_FIELDS(NUMBER, ADDRESS) \
	NUMBER(gbpa, MEMATTR, 3, 0, NULL) \
	NUMBER(gbpa, MTCFG, 4, 4, NULL) \
	NUMBER(gbpa, ALLOCCFG, 11, 8, NULL) \
	NUMBER(gbpa, SHCFG, 13, 12, NULL) \
	NUMBER(gbpa, PRIVCFG, 17, 16, NULL) \
	NUMBER(gbpa, INSTCFG, 19, 18, NULL) \
	NUMBER(gbpa, ABORT, 20, 20, "abort all traffic while disabled") \
	NUMBER(gbpa, UPDATE, 31, 31, "a write takes effect")

#define SMMUV3_IRQ_CTRL_FIELDS(NUMBER, ADDRESS) \
	NUMBER(irq_ctrl, GERROR_IRQEN, 0, 0, "global error interrupt") \
	NUMBER(irq_ctrl, PRIQ_IRQEN, 1, 1, "PRI queue interrupt") \
	NUMBER(irq_ctrl, EVENTQ_IRQEN, 2, 2, "event queue interrupt")

#define SMMUV3_GERROR_FIELDS(NUMBER, ADDRESS) \
	NUMBER(gerror, CMDQ_ERR, 0, 0, "command queue stopped at an error") \
	NUMBER(gerror, EVENTQ_ABT_ERR, 2, 2, "an event record could not be written") \
	NUMBER(gerror, PRIQ_ABT_ERR, 3, 3, NULL) \
	NUMBER(gerror, MSI_CMDQ_ABT_ERR, 4, 4, NULL) \
	NUMBER(gerror, MSI_EVENTQ_ABT_ERR, 5, 5, NULL) \
	NUMBER(gerror, MSI_PRIQ_ABT_ERR, 6, 6, NULL) \
	NUMBER(gerror, MSI_GERROR_ABT_ERR, 7, 7, NULL) \
	NUMBER(gerror, SFM_ERR, 8, 8, "service failure mode")

#define SMMUV3_STRTAB_BASE_FIELDS(NUMBER, ADDRESS) \
	ADDRESS(strtab_base, ADDR, 51, 6, "stream table") \
	NUMBER(strtab_base, RA, 62, 62, "read-allocate hint")

#define SMMUV3_STRTAB_BASE_CFG_FIELDS(NUMBER, ADDRESS) \
	NUMBER(strtab_base_cfg, LOG2SIZE, 5, 0, "log2 of the number of entries") \
	NUMBER(strtab_base_cfg, SPLIT, 10, 6, "StreamID bits of the second level: 6, 8 or 10") \
	NUMBER(strtab_base_cfg, FMT, 17, 16, "0: linear, 1: two levels")

#define SMMUV3_QUEUE_BASE_FIELDS(NUMBER, ADDRESS) \
	NUMBER(queue_base, LOG2SIZE, 4, 0, "log2 of the number of entries") \
	ADDRESS(queue_base, ADDR, 51, 5, "queue") \
	NUMBER(queue_base, HINT, 62, 62, "allocate hint")

#define SMMUV3_CMDQ_PROD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmdq_prod, WR, 19, 0, "after the last command, with wrap bit")

#define SMMUV3_IRQ_CFG1_FIELDS(NUMBER, ADDRESS) \
	NUMBER(irq_cfg1, DATA, 31, 0, "what the message says")

#define SMMUV3_IRQ_CFG2_FIELDS(NUMBER, ADDRESS) \
	NUMBER(irq_cfg2, MEMATTR, 3, 0, NULL) \
	NUMBER(irq_cfg2, SH, 5, 4, NULL)

#define SMMUV3_CMDQ_CONS_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmdq_cons, RD, 19, 0, "next command, with wrap bit") \
	NUMBER(cmdq_cons, ERR, 30, 24, "1: illegal command, 2: fetch aborted, 3: ATC invalidation timed out")

#define SMMUV3_EVENTQ_PROD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(eventq_prod, WR, 19, 0, "next record, with wrap bit") \
	NUMBER(eventq_prod, OVFLG, 31, 31, "overflow, toggles")

#define SMMUV3_EVENTQ_CONS_FIELDS(NUMBER, ADDRESS) \
	NUMBER(eventq_cons, RD, 19, 0, "next record, with wrap bit") \
	NUMBER(eventq_cons, OVACKFLG, 31, 31, "overflow acknowledged")

#define SMMUV3_IRQ_CFG0_FIELDS(NUMBER, ADDRESS) \
	ADDRESS(irq_cfg0, ADDR, 51, 2, "where the message goes")

/* 5.1 L1STD, Level 1 Stream Table Descriptor */
#define SMMUV3_L1STD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(l1std, Span, 4, 0, "1 plus log2 of the number of STEs; 0: none") \
	ADDRESS(l1std, L2Ptr, 51, 6, "second-level stream table")

/* 5.2 STE, Stream Table Entry */
#define SMMUV3_STE_FIELDS(NUMBER, ADDRESS) \
	NUMBER(ste, V, 0, 0, "valid") \
	NUMBER(ste, Config, 3, 1, "0-3 abort, 4 bypass, 5 stage 1, 6 stage 2, 7 nested") \
	NUMBER(ste, S1Fmt, 5, 4, "CD table: 0 linear, 1 two levels with 4-KiB leaves, 2 with 64-KiB ones") \
	ADDRESS(ste, S1ContextPtr, 51, 6, "CD table") \
	NUMBER(ste, S1CDMax, 63, 59, "log2 of the number of CDs") \
	NUMBER(ste, S1DSS, 65, 64, "without substream: 0 terminate, 1 bypass, 2 CD 0") \
	NUMBER(ste, S1CIR, 67, 66, "CD fetch, inner cacheability") \
	NUMBER(ste, S1COR, 69, 68, "CD fetch, outer cacheability") \
	NUMBER(ste, S1CSH, 71, 70, "CD fetch, shareability") \
	NUMBER(ste, DRE, 76, 76, "destructive reads") \
	NUMBER(ste, CONT, 80, 77, "contiguous hint") \
	NUMBER(ste, DCP, 81, 81, "directed cache prefetch") \
	NUMBER(ste, PPAR, 82, 82, "PRI automatic response") \
	NUMBER(ste, MEV, 83, 83, "merge events") \
	NUMBER(ste, S1STALLD, 91, 91, "stage-1 stall disabled") \
	NUMBER(ste, EATS, 93, 92, "ATS: 0 refused, 1 full, 2 split-stage") \
	NUMBER(ste, STRW, 95, 94, "stream world: 0 is NS-EL1") \
	NUMBER(ste, MemAttr, 99, 96, NULL) \
	NUMBER(ste, MTCFG, 100, 100, NULL) \
	NUMBER(ste, ALLOCCFG, 104, 101, NULL) \
	NUMBER(ste, SHCFG, 109, 108, NULL) \
	NUMBER(ste, NSCFG, 111, 110, NULL) \
	NUMBER(ste, PRIVCFG, 113, 112, NULL) \
	NUMBER(ste, INSTCFG, 115, 114, NULL) \
	NUMBER(ste, S2VMID, 143, 128, "tags TLB entries") \
	NUMBER(ste, S2T0SZ, 165, 160, "64 minus the bits of an IPA") \
	NUMBER(ste, S2SL0, 167, 166, "start level: 2 minus this; 3 minus this with larger granules") \
	NUMBER(ste, S2IR0, 169, 168, "walk, inner cacheability") \
	NUMBER(ste, S2OR0, 171, 170, "walk, outer cacheability") \
	NUMBER(ste, S2SH0, 173, 172, "walk, shareability") \
	NUMBER(ste, S2TG, 175, 174, "granule: 0 4 KiB, 1 64 KiB, 2 16 KiB") \
	NUMBER(ste, S2PS, 178, 176, "output address size") \
	NUMBER(ste, S2AA64, 179, 179, "AArch64 tables") \
	NUMBER(ste, S2ENDI, 180, 180, "big-endian tables") \
	NUMBER(ste, S2AFFD, 181, 181, "access flag faults disabled") \
	NUMBER(ste, S2PTW, 182, 182, "protected table walk") \
	NUMBER(ste, S2HD, 183, 183, "hardware dirty update") \
	NUMBER(ste, S2HA, 184, 184, "hardware access flag update") \
	NUMBER(ste, S2S, 185, 185, "stall on fault") \
	NUMBER(ste, S2R, 186, 186, "record faults") \
	ADDRESS(ste, S2TTB, 243, 196, "stage-2 table")

/* 5.3 L1CD, Level 1 Context Descriptor */
#define SMMUV3_L1CD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(l1cd, V, 0, 0, "valid") \
	ADDRESS(l1cd, L2Ptr, 51, 12, "second-level CD table")

/* 5.4 CD, Context Descriptor */
#define SMMUV3_CD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cd, T0SZ, 5, 0, "64 minus the bits of a TTB0 address") \
	NUMBER(cd, TG0, 7, 6, "granule: 0 4 KiB, 1 64 KiB, 2 16 KiB") \
	NUMBER(cd, IR0, 9, 8, "walk, inner cacheability") \
	NUMBER(cd, OR0, 11, 10, "walk, outer cacheability") \
	NUMBER(cd, SH0, 13, 12, "walk, shareability") \
	NUMBER(cd, EPD0, 14, 14, "TTB0 walks disabled") \
	NUMBER(cd, ENDI, 15, 15, "big-endian tables") \
	NUMBER(cd, T1SZ, 21, 16, "64 minus the bits of a TTB1 address") \
	NUMBER(cd, TG1, 23, 22, "granule: 1 16 KiB, 2 4 KiB, 3 64 KiB") \
	NUMBER(cd, IR1, 25, 24, "walk, inner cacheability") \
	NUMBER(cd, OR1, 27, 26, "walk, outer cacheability") \
	NUMBER(cd, SH1, 29, 28, "walk, shareability") \
	NUMBER(cd, EPD1, 30, 30, "TTB1 walks disabled") \
	NUMBER(cd, V, 31, 31, "valid") \
	NUMBER(cd, IPS, 34, 32, "output address size") \
	NUMBER(cd, AFFD, 35, 35, "access flag faults disabled") \
	NUMBER(cd, WXN, 36, 36, "writable is never executable") \
	NUMBER(cd, UWXN, 37, 37, NULL) \
	NUMBER(cd, TBI0, 38, 38, "top byte ignored, TTB0") \
	NUMBER(cd, TBI1, 39, 39, "top byte ignored, TTB1") \
	NUMBER(cd, PAN, 40, 40, "no privileged access to user pages") \
	NUMBER(cd, AA64, 41, 41, "AArch64 tables") \
	NUMBER(cd, HD, 42, 42, "hardware dirty update") \
	NUMBER(cd, HA, 43, 43, "hardware access flag update") \
	NUMBER(cd, S, 44, 44, "stall on fault") \
	NUMBER(cd, R, 45, 45, "record faults") \
	NUMBER(cd, A, 46, 46, "abort on termination") \
	NUMBER(cd, ASET, 47, 47, "ASID not shared with processors") \
	NUMBER(cd, ASID, 63, 48, "tags TLB entries") \
	NUMBER(cd, HAD0, 65, 65, "hierarchical attributes disabled, TTB0") \
	ADDRESS(cd, TTB0, 115, 68, "table of low addresses") \
	NUMBER(cd, HAD1, 129, 129, "hierarchical attributes disabled, TTB1") \
	ADDRESS(cd, TTB1, 179, 132, "table of high addresses") \
	NUMBER(cd, MAIR0, 223, 192, "memory attributes 3..0") \
	NUMBER(cd, MAIR1, 255, 224, "memory attributes 7..4")

/* A-profile architecture, VMSAv8-64 translation table format descriptors */
#define SMMUV3_STAGE1_FIELDS(NUMBER, ADDRESS) \
	NUMBER(stage1, Valid, 0, 0, NULL) \
	NUMBER(stage1, Table, 1, 1, "table or page; else block") \
	NUMBER(stage1, AttrIndx, 4, 2, "index into MAIR") \
	NUMBER(stage1, NS, 5, 5, NULL) \
	NUMBER(stage1, AP, 7, 6, "bit 0 unprivileged too, bit 1 read-only") \
	NUMBER(stage1, SH, 9, 8, "shareability") \
	NUMBER(stage1, AF, 10, 10, "accessed") \
	NUMBER(stage1, nG, 11, 11, "not global: of one ASID") \
	ADDRESS(stage1, Address, 47, 12, "next table or page; 64-KiB granule: bits 15..12 are 51..48 of 52") \
	NUMBER(stage1, DBM, 51, 51, "dirty bit modifier") \
	NUMBER(stage1, Contiguous, 52, 52, "hint") \
	NUMBER(stage1, PXN, 53, 53, "privileged execute never") \
	NUMBER(stage1, UXN, 54, 54, "unprivileged execute never") \
	NUMBER(stage1, PXNTable, 59, 59, "tables only") \
	NUMBER(stage1, UXNTable, 60, 60, "tables only") \
	NUMBER(stage1, APTable, 62, 61, "tables only: bit 0 privileged only, bit 1 read-only") \
	NUMBER(stage1, NSTable, 63, 63, "tables only")

#define SMMUV3_STAGE2_FIELDS(NUMBER, ADDRESS) \
	NUMBER(stage2, Valid, 0, 0, NULL) \
	NUMBER(stage2, Table, 1, 1, "table or page; else block") \
	NUMBER(stage2, MemAttr, 5, 2, "memory type") \
	NUMBER(stage2, S2AP, 7, 6, "bit 0 read, bit 1 write") \
	NUMBER(stage2, SH, 9, 8, "shareability") \
	NUMBER(stage2, AF, 10, 10, "accessed") \
	ADDRESS(stage2, Address, 47, 12, "next table or page; 64-KiB granule: bits 15..12 are 51..48 of 52") \
	NUMBER(stage2, DBM, 51, 51, "dirty bit modifier") \
	NUMBER(stage2, Contiguous, 52, 52, "hint") \
	NUMBER(stage2, XN, 54, 54, "execute never")

/* 4 Commands */
#define SMMUV3_CMD_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd, Opcode, 7, 0, NULL)

#define SMMUV3_CMD_CFGI_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd_cfgi, Opcode, 7, 0, NULL) \
	NUMBER(cmd_cfgi, SSec, 10, 10, "secure stream") \
	NUMBER(cmd_cfgi, SubstreamID, 31, 12, "of CMD_CFGI_CD") \
	NUMBER(cmd_cfgi, StreamID, 63, 32, NULL) \
	NUMBER(cmd_cfgi, Leaf, 64, 64, NULL)

#define SMMUV3_CMD_CFGI_RANGE_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd_cfgi_range, Opcode, 7, 0, NULL) \
	NUMBER(cmd_cfgi_range, SSec, 10, 10, "secure stream") \
	NUMBER(cmd_cfgi_range, StreamID, 63, 32, NULL) \
	NUMBER(cmd_cfgi_range, Range, 68, 64, "log2 of the number of streams, minus 1; 31: all")

#define SMMUV3_CMD_TLBI_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd_tlbi, Opcode, 7, 0, NULL) \
	NUMBER(cmd_tlbi, VMID, 47, 32, NULL) \
	NUMBER(cmd_tlbi, ASID, 63, 48, NULL) \
	NUMBER(cmd_tlbi, Leaf, 64, 64, NULL) \
	ADDRESS(cmd_tlbi, Address, 127, 76, "VA, or IPA in bits 51..12")

#define SMMUV3_CMD_ATC_INV_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd_atc_inv, Opcode, 7, 0, NULL) \
	NUMBER(cmd_atc_inv, Global, 9, 9, "all PASIDs") \
	NUMBER(cmd_atc_inv, SSV, 11, 11, "SubstreamID is valid") \
	NUMBER(cmd_atc_inv, SubstreamID, 31, 12, NULL) \
	NUMBER(cmd_atc_inv, StreamID, 63, 32, NULL) \
	NUMBER(cmd_atc_inv, Size, 69, 64, "log2 of the number of 4-KiB pages; 52: all") \
	ADDRESS(cmd_atc_inv, Address, 127, 76, NULL)

#define SMMUV3_CMD_SYNC_FIELDS(NUMBER, ADDRESS) \
	NUMBER(cmd_sync, Opcode, 7, 0, NULL) \
	NUMBER(cmd_sync, CS, 13, 12, "completion: 0 none, 1 interrupt, 2 event") \
	NUMBER(cmd_sync, MSH, 23, 22, NULL) \
	NUMBER(cmd_sync, MSIAttr, 27, 24, NULL) \
	NUMBER(cmd_sync, MSIData, 63, 32, NULL) \
	ADDRESS(cmd_sync, MSIAddress, 115, 66, NULL)

/* 7.3 Event records */
#define SMMUV3_EVENT_FIELDS(NUMBER, ADDRESS) \
	NUMBER(event, EventID, 7, 0, NULL) \
	NUMBER(event, SSV, 11, 11, "SubstreamID is valid") \
	NUMBER(event, SubstreamID, 31, 12, NULL) \
	NUMBER(event, StreamID, 63, 32, NULL) \
	NUMBER(event, STAG, 79, 64, "of a stalled transaction") \
	NUMBER(event, Stall, 95, 95, NULL) \
	NUMBER(event, PnU, 97, 97, "privileged") \
	NUMBER(event, InD, 98, 98, "instruction") \
	NUMBER(event, RnW, 99, 99, "read") \
	NUMBER(event, TTRnW, 100, 100, "the table access was a read") \
	NUMBER(event, S2, 103, 103, "stage 2") \
	NUMBER(event, CLASS, 105, 104, "0 CD fetch, 1 stage-1 table fetch, 2 input") \
	ADDRESS(event, InputAddr, 191, 128, NULL) \
	ADDRESS(event, IPA, 247, 195, "or FetchAddr, in place")

/** Mask of a field in its quadword, a constant expression: SMMUV3_MASK(cr0_SMMUEN). */
#define SMMUV3_MASK(field) ((~0ULL >> (63 - (field##_hi - field##_lo))) << (field##_lo % 64))

#define SMMUV3_NUMBER_ACCESSORS(prefix, name, hi, lo, meaning) \
	enum { prefix##_##name##_hi = hi, prefix##_##name##_lo = lo }; \
	static inline u64 prefix##_##name(const u64 *entry) \
	{ \
		return (entry[(lo) / 64] & SMMUV3_MASK(prefix##_##name)) >> ((lo) % 64); \
	} \
	static inline void prefix##_set_##name(u64 *entry, u64 value) \
	{ \
		entry[(lo) / 64] &= ~SMMUV3_MASK(prefix##_##name); \
		entry[(lo) / 64] |= value << ((lo) % 64) & SMMUV3_MASK(prefix##_##name); \
	}

#define SMMUV3_ADDRESS_ACCESSORS(prefix, name, hi, lo, meaning) \
	enum { prefix##_##name##_hi = hi, prefix##_##name##_lo = lo }; \
	static inline u64 prefix##_##name(const u64 *entry) \
	{ \
		return entry[(lo) / 64] & SMMUV3_MASK(prefix##_##name); \
	} \
	static inline void prefix##_set_##name(u64 *entry, u64 value) \
	{ \
		entry[(lo) / 64] &= ~SMMUV3_MASK(prefix##_##name); \
		entry[(lo) / 64] |= value & SMMUV3_MASK(prefix##_##name); \
	}

#define SMMUV3_ACCESSORS(LIST) LIST(SMMUV3_NUMBER_ACCESSORS, SMMUV3_ADDRESS_ACCESSORS)

SMMUV3_ACCESSORS(SMMUV3_IDR0_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IDR1_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IDR5_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CR0_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CR1_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CR2_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_GBPA_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IRQ_CTRL_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_GERROR_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_STRTAB_BASE_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_STRTAB_BASE_CFG_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_QUEUE_BASE_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMDQ_PROD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMDQ_CONS_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_EVENTQ_PROD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_EVENTQ_CONS_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IRQ_CFG0_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IRQ_CFG1_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_IRQ_CFG2_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_L1STD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_STE_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_L1CD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_STAGE1_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_STAGE2_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_CFGI_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_CFGI_RANGE_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_TLBI_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_ATC_INV_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_CMD_SYNC_FIELDS)
SMMUV3_ACCESSORS(SMMUV3_EVENT_FIELDS)

#endif
