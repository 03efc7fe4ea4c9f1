/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VT-d as its driver sees it: registers, invalidation descriptors and table entries, each field
 * named once as a mask. Section numbers are those of the VT-d specification, Rev. 4.
 */
#ifndef INTEL_REGS_H
#define INTEL_REGS_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>

#define VTD_PAGE_SHIFT 12
#define VTD_PAGE_SIZE (1UL << VTD_PAGE_SHIFT)
#define VTD_ADDRESS GENMASK_ULL(51, 12) /* of a table or page, in any entry */

#define INTEL_REGISTERS_SIZE 0x1000 /* bytes of a unit's register window */

/* ---- registers (11.4), offsets in bytes ---- */
#define DMAR_VER 0x00
#define DMAR_CAP 0x08
#define DMAR_ECAP 0x10
#define DMAR_GCMD 0x18
#define DMAR_GSTS 0x1c
#define DMAR_RTADDR 0x20
#define DMAR_CCMD 0x28
#define DMAR_FSTS 0x34
#define DMAR_FECTL 0x38
#define DMAR_FEDATA 0x3c
#define DMAR_FEADDR 0x40
#define DMAR_FEUADDR 0x44
#define DMAR_IQH 0x80
#define DMAR_IQT 0x88
#define DMAR_IQA 0x90
#define DMAR_IQERCD 0xb0
#define DMAR_IRTA 0xb8
#define DMAR_PQH 0xc0
#define DMAR_PQT 0xc8
#define DMAR_PQA 0xd0
#define DMAR_PRS 0xdc
#define DMAR_PECTL 0xe0
#define DMAR_PEDATA 0xe4
#define DMAR_PEADDR 0xe8
#define DMAR_PEUADDR 0xec

#define VER_MAJOR GENMASK(7, 4)
#define VER_MINOR GENMASK(3, 0)

#define CAP_ND GENMASK_ULL(2, 0)
#define CAP_RWBF BIT_ULL(4)
#define CAP_CM BIT_ULL(7)
#define CAP_SAGAW GENMASK_ULL(12, 8) /* bit n: n + 2 levels */
#define CAP_MGAW GENMASK_ULL(21, 16)
#define CAP_FRO GENMASK_ULL(33, 24)
#define CAP_SSLPS GENMASK_ULL(37, 34)
#define CAP_PSI BIT_ULL(39)
#define CAP_NFR GENMASK_ULL(47, 40)
#define CAP_MAMV GENMASK_ULL(53, 48)
#define CAP_DWD BIT_ULL(54)
#define CAP_DRD BIT_ULL(55)
#define CAP_FS1GP BIT_ULL(56)
#define CAP_FS5LP BIT_ULL(60)
#define CAP_ESIRTPS BIT_ULL(62)
#define CAP_ESRTPS BIT_ULL(63)

#define ECAP_QI BIT_ULL(1)
#define ECAP_DT BIT_ULL(2)
#define ECAP_IR BIT_ULL(3)
#define ECAP_PT BIT_ULL(6)
#define ECAP_SC BIT_ULL(7)
#define ECAP_IRO GENMASK_ULL(17, 8) /* of the IOTLB registers, in 16 bytes */
#define ECAP_NEST BIT_ULL(26)
#define ECAP_PRS BIT_ULL(29)
#define ECAP_ERS BIT_ULL(30)
#define ECAP_SRS BIT_ULL(31)
#define ECAP_EAFS BIT_ULL(34)
#define ECAP_PSS GENMASK_ULL(39, 35)
#define ECAP_PASID BIT_ULL(40)
#define ECAP_PDS BIT_ULL(42)
#define ECAP_SMTS BIT_ULL(43)
#define ECAP_SSADS BIT_ULL(45)
#define ECAP_SSTS BIT_ULL(46)
#define ECAP_FSTS BIT_ULL(47)
#define ECAP_SMPWC BIT_ULL(48)
#define ECAP_EIMER BIT_ULL(61)

/* GCMD; GSTS has the status at the same bit */
#define GCMD_TE BIT(31)
#define GCMD_SRTP BIT(30)
#define GCMD_SFL BIT(29)
#define GCMD_WBF BIT(27)
#define GCMD_QIE BIT(26)
#define GCMD_IRE BIT(25)
#define GCMD_SIRTP BIT(24)
#define GCMD_CFI BIT(23)
#define GCMD_ONE_SHOT (GCMD_SRTP | GCMD_SFL | GCMD_WBF | GCMD_SIRTP)

#define RTADDR_TTM GENMASK_ULL(11, 10)
#define RTADDR_TTM_LEGACY 0
#define RTADDR_TTM_SCALABLE 1

#define FSTS_PFO BIT(0)
#define FSTS_PPF BIT(1)
#define FSTS_IQE BIT(4)
#define FSTS_ICE BIT(5)
#define FSTS_ITE BIT(6)
#define FSTS_PRO BIT(7)
#define FSTS_FRI GENMASK(15, 8)

#define FECTL_IM BIT(31) /* and of PECTL */

#define PRS_PPR BIT(0)
#define PRS_PRO BIT(1)

/* fault recording registers: 16 bytes each from CAP.FRO * 16 on */
#define FRCD_SIZE 16UL
#define FRCD_LOW_ADDRESS GENMASK_ULL(63, 12)
#define FRCD_LOW_INDEX GENMASK_ULL(63, 48) /* of faults of interrupt remapping */
#define FRCD_HIGH_SID GENMASK_ULL(15, 0)
#define FRCD_HIGH_T2 BIT_ULL(28) /* of a page request */
#define FRCD_HIGH_PRIV BIT_ULL(29)
#define FRCD_HIGH_EXE BIT_ULL(30)
#define FRCD_HIGH_PP BIT_ULL(31)
#define FRCD_HIGH_REASON GENMASK_ULL(39, 32)
#define FRCD_HIGH_PASID GENMASK_ULL(59, 40)
#define FRCD_HIGH_READ BIT_ULL(62) /* T1 */
#define FRCD_HIGH_F BIT_ULL(63)
#define FRCD_F_DWORD BIT(31) /* F as a 32-bit write to the uppermost quarter sees it */

#define CCMD_DID GENMASK_ULL(15, 0)
#define CCMD_SID GENMASK_ULL(31, 16)
#define CCMD_CIRG GENMASK_ULL(62, 61)
#define CCMD_ICC BIT_ULL(63)

/* behind the invalidate address register */
#define IOTLB_DID GENMASK_ULL(47, 32)
#define IOTLB_DW BIT_ULL(48)
#define IOTLB_DR BIT_ULL(49)
#define IOTLB_IIRG GENMASK_ULL(61, 60)
#define IOTLB_IVT BIT_ULL(63)

#define IRTA_S GENMASK_ULL(3, 0) /* 2^(S + 1) entries */

#define IQA_DW BIT_ULL(11) /* 256-bit descriptors */
#define IQERCD_IQEI GENMASK_ULL(3, 0)
#define IQERCD_ITESID GENMASK_ULL(47, 32)
#define IQERCD_ICESID GENMASK_ULL(63, 48)

/* ---- invalidation descriptors (6.5.2); Q0 and Q1 are quadwords ---- */
#define INV_TYPE GENMASK_ULL(3, 0)
#define INV_CONTEXT 1
#define INV_IOTLB 2
#define INV_DEVICE_TLB 3
#define INV_INTERRUPT 4
#define INV_WAIT 5
#define INV_PASID_IOTLB 6
#define INV_PASID_CACHE 7
#define INV_PASID_DEVICE_TLB 8
#define INV_PAGE_GROUP_RESPONSE 9

#define INV_GRANULARITY GENMASK_ULL(5, 4)
#define INV_DID GENMASK_ULL(31, 16)
#define INV_PASID GENMASK_ULL(51, 32)

#define INV_GLOBAL 1 /* context cache, IOTLB */
#define INV_DOMAIN 2
#define INV_DEVICE 3 /* context cache */
#define INV_PAGES 3 /* IOTLB, PASID-based IOTLB */
#define INV_ALL_OF_PASID 2 /* PASID-based IOTLB */
#define INV_PC_DOMAIN 0
#define INV_PC_PASID 1
#define INV_PC_GLOBAL 3

#define INV_CONTEXT_SID GENMASK_ULL(47, 32)
#define INV_IOTLB_DRAIN_WRITES BIT_ULL(6)
#define INV_IOTLB_DRAIN_READS BIT_ULL(7)
#define INV_Q1_AM GENMASK_ULL(5, 0)
#define INV_Q1_IH BIT_ULL(6)
#define INV_Q1_ADDRESS GENMASK_ULL(63, 12)

#define INV_DEVICE_TLB_QDEP GENMASK_ULL(20, 16)
#define INV_DEVICE_TLB_SID GENMASK_ULL(47, 32)
#define INV_DEVICE_TLB_Q1_S BIT_ULL(0)

#define INV_PASID_DEVICE_TLB_QDEP GENMASK_ULL(8, 4)
#define INV_PASID_DEVICE_TLB_SID GENMASK_ULL(31, 16)
#define INV_PASID_DEVICE_TLB_Q1_G BIT_ULL(0)
#define INV_PASID_DEVICE_TLB_Q1_S BIT_ULL(11)

#define INV_INTERRUPT_BY_INDEX BIT_ULL(4)
#define INV_INTERRUPT_INDEX GENMASK_ULL(47, 32)

#define INV_WAIT_SW BIT_ULL(5)
#define INV_WAIT_FN BIT_ULL(6)
#define INV_WAIT_PD BIT_ULL(7)
#define INV_WAIT_DATA GENMASK_ULL(63, 32)

/* page group response (7.6.1): private data and LPIG until revision 3.3 */
#define INV_RESPONSE_PP BIT_ULL(4)
#define INV_RESPONSE_PDP BIT_ULL(5)
#define INV_RESPONSE_CODE GENMASK_ULL(15, 12)
#define RESPONSE_SUCCESS 0
#define RESPONSE_INVALID 1
#define RESPONSE_FAILURE 15
#define INV_RESPONSE_RID GENMASK_ULL(31, 16)
#define INV_RESPONSE_Q1_LPIG BIT_ULL(2)
#define INV_RESPONSE_Q1_PRGI GENMASK_ULL(11, 3)

/* ---- page request descriptor (7.4.1.1): four quadwords ---- */
#define PAGE_REQUEST_QUADWORDS 4UL
#define PAGE_REQUEST_PP BIT_ULL(8)
#define PAGE_REQUEST_PDP BIT_ULL(9)
#define PAGE_REQUEST_RID GENMASK_ULL(31, 16)
#define PAGE_REQUEST_PASID GENMASK_ULL(51, 32)
#define PAGE_REQUEST_EXR BIT_ULL(52)
#define PAGE_REQUEST_PMR BIT_ULL(53)
#define PAGE_REQUEST_Q1_RDR BIT_ULL(0)
#define PAGE_REQUEST_Q1_WRR BIT_ULL(1)
#define PAGE_REQUEST_Q1_LPIG BIT_ULL(2)
#define PAGE_REQUEST_Q1_PRGI GENMASK_ULL(11, 3)
#define PAGE_REQUEST_Q1_ADDRESS GENMASK_ULL(63, 12)

/* ---- tables (9) ---- */
#define ENTRY_P BIT_ULL(0) /* of root, context, PASID directory and PASID entries */
#define ENTRY_TABLE GENMASK_ULL(63, 12) /* in them, where the next table is */

/* legacy context entry: two quadwords */
#define CONTEXT_QUADWORDS 2UL
#define CONTEXT_TT GENMASK_ULL(3, 2)
#define CONTEXT_TT_TRANSLATE 0
#define CONTEXT_TT_DEVICE_TLB 1
#define CONTEXT_TT_PASS_THROUGH 2
#define CONTEXT_HIGH_AW GENMASK_ULL(2, 0)
#define CONTEXT_HIGH_DID GENMASK_ULL(23, 8)

/* scalable-mode context entry: four quadwords */
#define SM_CONTEXT_QUADWORDS 4UL
#define SM_CONTEXT_DTE BIT_ULL(2)
#define SM_CONTEXT_PASIDE BIT_ULL(3)
#define SM_CONTEXT_PRE BIT_ULL(4)
#define SM_CONTEXT_PDTS GENMASK_ULL(11, 9) /* the directory has 2^(PDTS + 7) entries */
#define SM_CONTEXT_PDTS_BIAS 7

#define PASID_BITS 20
#define PASID_MAX (1U << PASID_BITS)
#define PASID_ENTRIES 64 /* in a PASID table, of 64 bytes each */
#define PASID_TABLE_SHIFT 6
#define PASID_ENTRY_QUADWORDS 8UL

/* PASID table entry: eight quadwords */
#define PASID_Q0_AW GENMASK_ULL(4, 2)
#define PASID_Q0_PGTT GENMASK_ULL(8, 6)
#define PGTT_SECOND_STAGE 2
#define PGTT_NESTED 3
#define PGTT_PASS_THROUGH 4
#define PASID_Q0_SSADE BIT_ULL(9)
#define PASID_Q1_DID GENMASK_ULL(15, 0)
#define PASID_Q1_PWSNP BIT_ULL(23)
#define PASID_Q1_PGSNP BIT_ULL(24)
#define PASID_Q2_SRE BIT_ULL(0)
#define PASID_Q2_FSPM GENMASK_ULL(3, 2)
#define FSPM_4_LEVELS 0
#define FSPM_5_LEVELS 1
#define PASID_Q2_EAFE BIT_ULL(7)
#define PASID_Q2_FSPTPTR GENMASK_ULL(63, 12)

/* interrupt remapping entry: two quadwords */
#define IRTE_QUADWORDS 2UL
#define IRTE_VECTOR GENMASK_ULL(23, 16)
#define IRTE_XAPIC_DESTINATION GENMASK_ULL(47, 40)
#define IRTE_HIGH_SID GENMASK_ULL(15, 0)
#define IRTE_HIGH_SVT GENMASK_ULL(19, 18)
#define SVT_SOURCE_ID 1
#define SVT_BUSES 2

/* AW of a second stage with so many levels, in a context or a PASID entry */
#define AW_OF_LEVELS(levels) ((levels)-2)

/* second-stage paging entry */
#define SS_READ BIT_ULL(0)
#define SS_WRITE BIT_ULL(1)
#define SS_PS BIT_ULL(7)
#define SS_DIRTY BIT_ULL(9) /* used with SSADE */
#define SS_SNP BIT_ULL(11)

/* The interrupt range, which is never translated (3.14) */
#define INTERRUPT_BASE 0xfee00000UL
#define INTERRUPT_SIZE 0x00100000UL
#define MSI_REMAPPABLE BIT_ULL(4)
#define MSI_HANDLE GENMASK_ULL(19, 5) /* bits 14:0 of the handle */

#endif
