/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMMUv3 registers, stream table entries, context descriptors, commands and events, as far as the
 * driver uses them. Source: Arm System Memory Management Unit Architecture Specification, version
 * 3 (IHI 0070), chapters 4 to 7. Structures are arrays of little-endian doublewords; NAME_n_FIELD
 * lies in doubleword n.
 */
#ifndef ARM_SMMU_V3_REGS_H
#define ARM_SMMU_V3_REGS_H

#include <linux/bits.h>
#include <linux/bitfield.h>

/* ---- 6.3: registers, page 0 ---- */

#define ARM_SMMU_MMIO_SIZE 0x20000

#define ARM_SMMU_IDR0 0x0
#define IDR0_S2P BIT_ULL(0)
#define IDR0_S1P BIT_ULL(1)
#define IDR0_TTF GENMASK_ULL(3, 2)
#define IDR0_TTF_AARCH64 BIT_ULL(3) /* 0b10 and 0b11 have it */
#define IDR0_COHACC BIT_ULL(4)
#define IDR0_ATS BIT_ULL(10)
#define IDR0_ASID16 BIT_ULL(12)
#define IDR0_MSI BIT_ULL(13)
#define IDR0_VMID16 BIT_ULL(18)
#define IDR0_STALL_MODEL GENMASK_ULL(25, 24)
#define STALL_MODEL_STALL 0 /* faults may stall, unless told not to */
#define STALL_MODEL_FORCE 2
#define IDR0_CD2L BIT_ULL(19)
#define IDR0_ST_LEVEL GENMASK_ULL(28, 27) /* 0: linear stream tables only */

#define ARM_SMMU_IDR1 0x4
#define IDR1_SIDSIZE GENMASK_ULL(5, 0)
#define IDR1_SSIDSIZE GENMASK_ULL(10, 6)
#define IDR1_EVENTQS GENMASK_ULL(20, 16)
#define IDR1_CMDQS GENMASK_ULL(25, 21)
#define IDR1_QUEUES_PRESET BIT_ULL(29)
#define IDR1_TABLES_PRESET BIT_ULL(30)

#define ARM_SMMU_IDR5 0x14
#define IDR5_OAS GENMASK_ULL(2, 0)
#define IDR5_GRAN4K BIT_ULL(4)

#define ARM_SMMU_CR0 0x20
#define ARM_SMMU_CR0ACK 0x24
#define CR0_SMMUEN BIT_ULL(0)
#define CR0_EVENTQEN BIT_ULL(2)
#define CR0_CMDQEN BIT_ULL(3)
#define CR0_ATSCHK BIT_ULL(4)

#define ARM_SMMU_CR1 0x28
#define CR1_QUEUE_IC GENMASK_ULL(1, 0)
#define CR1_QUEUE_OC GENMASK_ULL(3, 2)
#define CR1_QUEUE_SH GENMASK_ULL(5, 4)
#define CR1_TABLE_IC GENMASK_ULL(7, 6)
#define CR1_TABLE_OC GENMASK_ULL(9, 8)
#define CR1_TABLE_SH GENMASK_ULL(11, 10)
#define CR1_CACHE_WB 1

#define ARM_SMMU_CR2 0x2c
#define CR2_RECINVSID BIT_ULL(1)
#define CR2_PTM BIT_ULL(2)

#define ARM_SMMU_IRQ_CTRL 0x50
#define ARM_SMMU_IRQ_CTRLACK 0x54
#define IRQ_CTRL_GERROR_IRQEN BIT_ULL(0)
#define IRQ_CTRL_EVENTQ_IRQEN BIT_ULL(2)

#define ARM_SMMU_GERROR 0x60
#define ARM_SMMU_GERRORN 0x64
#define GERROR_CMDQ_ERR BIT_ULL(0)
#define GERROR_EVENTQ_ABT_ERR BIT_ULL(2)

/* Messages: CFG0 address (64 bits), CFG1 data, CFG2 attributes. */
#define ARM_SMMU_GERROR_IRQ_CFG0 0x68
#define ARM_SMMU_GERROR_IRQ_CFG1 0x70
#define ARM_SMMU_GERROR_IRQ_CFG2 0x74
#define ARM_SMMU_EVENTQ_IRQ_CFG0 0xb0
#define ARM_SMMU_EVENTQ_IRQ_CFG1 0xb8
#define ARM_SMMU_EVENTQ_IRQ_CFG2 0xbc
#define IRQ_CFG2_DEVICE_nGnRE 0x1

#define ARM_SMMU_STRTAB_BASE 0x80
#define STRTAB_BASE_ADDR GENMASK_ULL(51, 6)
#define STRTAB_BASE_RA BIT_ULL(62)
#define ARM_SMMU_STRTAB_BASE_CFG 0x88
#define STRTAB_BASE_CFG_LOG2SIZE GENMASK_ULL(5, 0)
#define STRTAB_BASE_CFG_SPLIT GENMASK_ULL(10, 6)
#define STRTAB_BASE_CFG_FMT GENMASK_ULL(17, 16) /* 0: linear */
#define STRTAB_BASE_CFG_FMT_2LVL 1

#define ARM_SMMU_CMDQ_BASE 0x90
#define ARM_SMMU_CMDQ_PROD 0x98
#define ARM_SMMU_CMDQ_CONS 0x9c
#define CMDQ_CONS_ERR GENMASK_ULL(30, 24)
#define ARM_SMMU_EVENTQ_BASE 0xa0
#define QUEUE_BASE_LOG2SIZE GENMASK_ULL(4, 0)
#define QUEUE_BASE_ADDR GENMASK_ULL(51, 5)
#define QUEUE_BASE_HINT BIT_ULL(62)

/* page 1 */
#define ARM_SMMU_EVENTQ_PROD 0x100a8
#define ARM_SMMU_EVENTQ_CONS 0x100ac
#define EVENTQ_OVFLG BIT_ULL(31)

/* ---- 5.1: level-1 stream table descriptor ---- */

#define L1STD_SPAN GENMASK_ULL(4, 0)
#define L1STD_L2PTR GENMASK_ULL(51, 6)

/* ---- 5.2: stream table entry ---- */

#define STE_DWORDS 8
#define STE_SIZE (STE_DWORDS * 8ULL)
#define STE_0_V BIT_ULL(0)
#define STE_0_CONFIG GENMASK_ULL(3, 1)
#define STE_CONFIG_ABORT 0
#define STE_CONFIG_BYPASS 4
#define STE_CONFIG_S1 5
#define STE_CONFIG_S2 6
#define STE_CONFIG_NESTED 7
#define STE_0_S1FMT GENMASK_ULL(5, 4)
#define STE_0_S1CONTEXTPTR GENMASK_ULL(51, 6)
#define STE_0_S1CDMAX GENMASK_ULL(63, 59)
#define STE_1_S1DSS GENMASK_ULL(1, 0)
#define STE_1_S1CIR GENMASK_ULL(3, 2)
#define STE_1_S1COR GENMASK_ULL(5, 4)
#define STE_1_S1CSH GENMASK_ULL(7, 6)
#define STE_1_S1STALLD BIT_ULL(27)
#define STE_1_EATS GENMASK_ULL(29, 28)
#define STE_EATS_FULL 1
#define STE_1_SHCFG GENMASK_ULL(45, 44)
#define STE_SHCFG_INCOMING 1
#define STE_2_S2VMID GENMASK_ULL(15, 0)
#define STE_2_S2T0SZ GENMASK_ULL(37, 32)
#define STE_2_S2SL0 GENMASK_ULL(39, 38)
#define STE_2_S2IR0 GENMASK_ULL(41, 40)
#define STE_2_S2OR0 GENMASK_ULL(43, 42)
#define STE_2_S2SH0 GENMASK_ULL(45, 44)
#define STE_2_S2PS GENMASK_ULL(50, 48)
#define STE_2_S2AA64 BIT_ULL(51)
#define STE_2_S2R BIT_ULL(58)
#define STE_3_S2TTB GENMASK_ULL(51, 4)

/* Cacheability and shareability of walks in STE and CD (as TCR_EL1 has them). */
#define WALK_WB_RA_WA 1
#define WALK_INNER_SH 3

/* ---- 5.4: context descriptor ---- */

#define CD_DWORDS 8
#define CD_0_T0SZ GENMASK_ULL(5, 0)
#define CD_0_IR0 GENMASK_ULL(9, 8)
#define CD_0_OR0 GENMASK_ULL(11, 10)
#define CD_0_SH0 GENMASK_ULL(13, 12)
#define CD_0_EPD1 BIT_ULL(30)
#define CD_0_V BIT_ULL(31)
#define CD_0_IPS GENMASK_ULL(34, 32)
#define CD_0_AA64 BIT_ULL(41)
#define CD_0_R BIT_ULL(45)
#define CD_0_A BIT_ULL(46)
#define CD_0_ASET BIT_ULL(47)
#define CD_0_ASID GENMASK_ULL(63, 48)
#define CD_1_TTB0 GENMASK_ULL(51, 4)

/* ---- 4: commands ---- */

#define CMD_DWORDS 2
#define CMD_0_OPCODE GENMASK_ULL(7, 0)
#define CMD_CFGI_STE 0x03
#define CMD_CFGI_ALL 0x04 /* CFGI_STE_RANGE over all streams */
#define CMD_CFGI_CD 0x05
#define CMD_TLBI_NH_ALL 0x10
#define CMD_TLBI_NH_ASID 0x11
#define CMD_TLBI_NH_VA 0x12
#define CMD_TLBI_NH_VAA 0x13
#define CMD_TLBI_S12_VMALL 0x28
#define CMD_TLBI_S2_IPA 0x2a
#define CMD_TLBI_NSNH_ALL 0x30
#define CMD_ATC_INV 0x40
#define CMD_SYNC 0x46
#define CFGI_0_SSID GENMASK_ULL(31, 12)
#define CFGI_0_SID GENMASK_ULL(63, 32)
#define CFGI_1_LEAF BIT_ULL(0)
#define CFGI_1_RANGE_ALL 31
#define TLBI_0_VMID GENMASK_ULL(47, 32)
#define TLBI_0_ASID GENMASK_ULL(63, 48)
#define TLBI_1_LEAF BIT_ULL(0)
#define TLBI_1_ADDR GENMASK_ULL(63, 12)
#define ATC_INV_0_SSV BIT_ULL(11)
#define ATC_INV_0_SSID GENMASK_ULL(31, 12)
#define ATC_INV_1_SIZE GENMASK_ULL(5, 0)
#define ATC_INV_SIZE_ALL 52ULL
#define CERROR_NONE 0
#define CERROR_ILL 1
#define CERROR_ABT 2
#define CERROR_ATC_INV 3

/* ---- 7.3: event records ---- */

#define EVENT_DWORDS 4
#define EVENT_0_ID GENMASK_ULL(7, 0)
#define EVENT_0_SSV BIT_ULL(11)
#define EVENT_0_SSID GENMASK_ULL(31, 12)
#define EVENT_0_SID GENMASK_ULL(63, 32)
#define EVENT_C_BAD_SUBSTREAMID 0x08
#define EVENT_1_RnW BIT_ULL(35)
#define EVENT_1_S2 BIT_ULL(39)

#endif
