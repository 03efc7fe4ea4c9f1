/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field of every VT-d register and table entry, named once. Accessors, masks and the formats
 * of vtd-format.h all come from the lists below; what the fields mean to a walk is left to others.
 */
#ifndef MODELS_VTD_ENTRIES_H
#define MODELS_VTD_ENTRIES_H

#include "../format.h"

/*
 * A list calls X(f, NAME, hi, lo, is_address, meaning) for each field in ascending order of bits.
 * Bits that hardware ignores are fields too (IGN...): what no field covers is reserved.
 */

/* clang-format off: one field a line */

/* Registers */
#define VER_FIELDS(X, f)                        \
	X(f, MIN, 3, 0, false, "minor version") \
	X(f, MAJ, 7, 4, false, "major version")

#define CAP_FIELDS(X, f)                                                                    \
	X(f, ND, 2, 0, false, "domain ids: 2^(4 + 2 ND)")                                   \
	X(f, AFL, 3, 3, false, "advanced fault logging")                                    \
	X(f, RWBF, 4, 4, false, "write-buffer flushing required")                           \
	X(f, PLMR, 5, 5, false, "protected low-memory region")                              \
	X(f, PHMR, 6, 6, false, "protected high-memory region")                             \
	X(f, CM, 7, 7, false, "caching mode: not-present entries may be cached")            \
	X(f, SAGAW, 12, 8, false, "second-stage widths: bit 1 39, bit 2 48, bit 3 57 bits") \
	X(f, MGAW, 21, 16, false, "maximum guest address width - 1")                        \
	X(f, ZLR, 22, 22, false, "zero-length reads of write-only pages")                   \
	X(f, FRO, 33, 24, false, "offset of the fault recording registers / 16")            \
	X(f, SSLPS, 37, 34, false, "second-stage large pages: bit 0 2 MiB, bit 1 1 GiB")    \
	X(f, PSI, 39, 39, false, "page-selective invalidation")                             \
	X(f, NFR, 47, 40, false, "fault recording registers - 1")                           \
	X(f, MAMV, 53, 48, false, "maximum address mask of invalidations")                  \
	X(f, DWD, 54, 54, false, "write draining")                                          \
	X(f, DRD, 55, 55, false, "read draining")                                           \
	X(f, FS1GP, 56, 56, false, "first-stage 1-GiB pages")                               \
	X(f, PI, 59, 59, false, "posted interrupts")                                        \
	X(f, FS5LP, 60, 60, false, "first-stage 5-level paging")                            \
	X(f, ESIRTPS, 62, 62, false, "setting the interrupt table pointer invalidates")     \
	X(f, ESRTPS, 63, 63, false, "setting the root pointer invalidates")

#define ECAP_FIELDS(X, f)                                                      \
	X(f, C, 0, 0, false, "page walks are coherent")                        \
	X(f, QI, 1, 1, false, "queued invalidation")                           \
	X(f, DT, 2, 2, false, "device TLBs")                                   \
	X(f, IR, 3, 3, false, "interrupt remapping")                           \
	X(f, EIM, 4, 4, false, "extended interrupt mode")                      \
	X(f, PT, 6, 6, false, "pass-through")                                  \
	X(f, SC, 7, 7, false, "snoop control")                                 \
	X(f, IRO, 17, 8, false, "offset of the IOTLB registers / 16")          \
	X(f, MHMV, 23, 20, false, "maximum handle mask")                       \
	X(f, MTS, 25, 25, false, "memory types")                               \
	X(f, NEST, 26, 26, false, "nested translation")                        \
	X(f, DIS, 27, 27, false, "deferred invalidate")                        \
	X(f, PRS, 29, 29, false, "page requests")                              \
	X(f, ERS, 30, 30, false, "execute requests")                           \
	X(f, SRS, 31, 31, false, "supervisor requests")                        \
	X(f, NWFS, 33, 33, false, "no write flag")                             \
	X(f, EAFS, 34, 34, false, "extended-accessed flag")                    \
	X(f, PSS, 39, 35, false, "PASID bits - 1")                             \
	X(f, PASID, 40, 40, false, "requests with PASID")                      \
	X(f, DIT, 41, 41, false, "device-TLB invalidation throttle")           \
	X(f, PDS, 42, 42, false, "page-request drain")                         \
	X(f, SMTS, 43, 43, false, "scalable mode")                             \
	X(f, VCS, 44, 44, false, "virtual commands")                           \
	X(f, SSADS, 45, 45, false, "second-stage accessed and dirty bits")     \
	X(f, SSTS, 46, 46, false, "second-stage translation in scalable mode") \
	X(f, FSTS, 47, 47, false, "first-stage translation")                   \
	X(f, SMPWC, 48, 48, false, "scalable-mode page-walk coherency")        \
	X(f, RPS, 49, 49, false, "RID_PASID")                                  \
	X(f, PMS, 51, 51, false, "performance monitoring")                     \
	X(f, ADMS, 52, 52, false, "abort-DMA mode")                            \
	X(f, RPRIVS, 53, 53, false, "RID_PRIV")                                \
	X(f, EIMER, 61, 61, false, "extended interrupt mode only")             \
	X(f, IRREQ, 62, 62, false, "interrupts are blocked unless remapped")

#define GCMD_FIELDS(X, f)                                           \
	X(f, CFI, 23, 23, false, "compatibility-format interrupts") \
	X(f, SIRTP, 24, 24, false, "set interrupt table pointer")   \
	X(f, IRE, 25, 25, false, "interrupt remapping enable")      \
	X(f, QIE, 26, 26, false, "queued invalidation enable")      \
	X(f, WBF, 27, 27, false, "write buffer flush")              \
	X(f, EAFL, 28, 28, false, "enable advanced fault log")      \
	X(f, SFL, 29, 29, false, "set fault log pointer")           \
	X(f, SRTP, 30, 30, false, "set root table pointer")         \
	X(f, TE, 31, 31, false, "translation enable")

#define GSTS_FIELDS(X, f)                                            \
	X(f, CFIS, 23, 23, false, "compatibility-format interrupts") \
	X(f, IRTPS, 24, 24, false, "interrupt table pointer set")    \
	X(f, IRES, 25, 25, false, "interrupt remapping enabled")     \
	X(f, QIES, 26, 26, false, "queued invalidation enabled")     \
	X(f, WBFS, 27, 27, false, "write buffer flush under way")    \
	X(f, AFLS, 28, 28, false, "advanced fault log enabled")      \
	X(f, FLS, 29, 29, false, "fault log pointer set")            \
	X(f, RTPS, 30, 30, false, "root table pointer set")          \
	X(f, TES, 31, 31, false, "translation enabled")

#define RTADDR_FIELDS(X, f)                                                               \
	X(f, TTM, 11, 10, false, "translation table mode: 0 legacy, 1 scalable, 3 abort") \
	X(f, RTA, 63, 12, true, "root table address")

#define CCMD_FIELDS(X, f)                                                                  \
	X(f, DID, 15, 0, false, "domain id")                                               \
	X(f, SID, 31, 16, false, "source id")                                              \
	X(f, FM, 33, 32, false, "function mask")                                           \
	X(f, CAIG, 60, 59, false, "granularity done")                                      \
	X(f, CIRG, 62, 61, false, "granularity: 0 reserved, 1 global, 2 domain, 3 device") \
	X(f, ICC, 63, 63, false, "invalidate context cache")

#define FSTS_FIELDS(X, f)                                       \
	X(f, PFO, 0, 0, false, "primary fault overflow")        \
	X(f, PPF, 1, 1, false, "primary pending fault")         \
	X(f, IQE, 4, 4, false, "invalidation queue error")      \
	X(f, ICE, 5, 5, false, "invalidation completion error") \
	X(f, ITE, 6, 6, false, "invalidation time-out error")   \
	X(f, PRO, 7, 7, false, "page request overflow")         \
	X(f, FRI, 15, 8, false, "index of the first pending fault record")

/* FECTL, IECTL and PECTL */
#define EVENT_CONTROL_FIELDS(X, f)                   \
	X(f, IP, 30, 30, false, "interrupt pending") \
	X(f, IM, 31, 31, false, "interrupt mask")

#define FRCD_FIELDS(X, f)                                         \
	X(f, FI, 63, 12, true, "faulting address")                \
	X(f, SID, 79, 64, false, "source id")                     \
	X(f, T2, 92, 92, false, "type, bit 2")                    \
	X(f, PRIV, 93, 93, false, "privileged mode requested")    \
	X(f, EXE, 94, 94, false, "execute permission requested")  \
	X(f, PP, 95, 95, false, "PASID present")                  \
	X(f, FR, 103, 96, false, "fault reason")                  \
	X(f, PV, 123, 104, false, "PASID value")                  \
	X(f, AT, 125, 124, false, "address type")                 \
	X(f, T1, 126, 126, false, "type, bit 1: 0 write, 1 read") \
	X(f, F, 127, 127, false, "fault recorded")

#define IQ_OFFSET_FIELDS(X, f) X(f, OFFSET, 18, 4, true, "byte offset into the queue")

#define IQA_FIELDS(X, f)                                                    \
	X(f, QS, 2, 0, false, "queue size: 2^QS pages of 4 KiB")            \
	X(f, DW, 11, 11, false, "descriptor width: 0 128 bits, 1 256 bits") \
	X(f, IQA, 63, 12, true, "queue address")

#define ICS_FIELDS(X, f) X(f, IWC, 0, 0, false, "wait descriptor completed")

#define IQERCD_FIELDS(X, f)                                    \
	X(f, IQEI, 3, 0, false, "queue error information")     \
	X(f, ITESID, 47, 32, false, "source id of a time-out") \
	X(f, ICESID, 63, 48, false, "source id of a completion error")

#define IRTA_FIELDS(X, f)                                    \
	X(f, S, 3, 0, false, "entries: 2^(S + 1)")           \
	X(f, EIME, 11, 11, false, "extended interrupt mode") \
	X(f, IRTA, 63, 12, true, "interrupt remapping table address")

#define PQA_FIELDS(X, f)                                           \
	X(f, PQS, 2, 0, false, "queue size: 2^PQS pages of 4 KiB") \
	X(f, PQA, 63, 12, true, "queue address")

#define PRS_FIELDS(X, f)                               \
	X(f, PPR, 0, 0, false, "pending page request") \
	X(f, PRO, 1, 1, false, "page request overflow")

#define PMEN_FIELDS(X, f)                                    \
	X(f, PRS, 0, 0, false, "protected regions in force") \
	X(f, EPM, 31, 31, false, "enable protected memory")

#define IVA_FIELDS(X, f)                                         \
	X(f, AM, 5, 0, false, "address mask: 2^AM pages")        \
	X(f, IH, 6, 6, false, "hint: only leaf entries changed") \
	X(f, ADDR, 63, 12, true, "address")

#define IOTLB_FIELDS(X, f)                                                               \
	X(f, DID, 47, 32, false, "domain id")                                            \
	X(f, DW, 48, 48, false, "drain writes")                                          \
	X(f, DR, 49, 49, false, "drain reads")                                           \
	X(f, IAIG, 58, 57, false, "granularity done")                                    \
	X(f, IIRG, 61, 60, false, "granularity: 0 reserved, 1 global, 2 domain, 3 page") \
	X(f, IVT, 63, 63, false, "invalidate IOTLB")

/* Virtual commands: what the owner of a virtual unit does on its guest's behalf */
#define VCCAP_FIELDS(X, f) X(f, PAS, 0, 0, false, "PASIDs are allocated and freed")

#define VCMD_FIELDS(X, f)                                                    \
	X(f, CMD, 7, 0, false, "0 none, 1 allocate a PASID, 2 free a PASID") \
	X(f, OPERAND, 63, 16, false, "free: the PASID")

#define VCRSP_FIELDS(X, f)                              \
	X(f, IP, 0, 0, false, "command in progress")    \
	X(f, SC, 7, 1, false, "status code: 0 success") \
	X(f, RSLT, 63, 16, false, "result: the PASID")

/* Tables that lead to an address space */
#define ROOT_FIELDS(X, f)               \
	X(f, P, 0, 0, false, "present") \
	X(f, CTP, 63, 12, true, "context table")

#define SCALABLE_ROOT_FIELDS(X, f)                                   \
	X(f, LP, 0, 0, false, "lower half present")                  \
	X(f, LCTP, 63, 12, true, "context table of devices 0 to 15") \
	X(f, UP, 64, 64, false, "upper half present")                \
	X(f, UCTP, 127, 76, true, "context table of devices 16 to 31")

#define LEGACY_CONTEXT_FIELDS(X, f)                                             \
	X(f, P, 0, 0, false, "present")                                         \
	X(f, FPD, 1, 1, false, "fault processing disabled")                     \
	X(f, TT, 3, 2, false, "0 translate, 1 with device TLB, 2 pass-through") \
	X(f, SSPTPTR, 63, 12, true, "second-stage table")                       \
	X(f, AW, 66, 64, false, "1: 3 levels, 2: 4, 3: 5")                      \
	X(f, IGN70, 70, 67, false, "ignored")                                   \
	X(f, DID, 87, 72, false, "domain id")

#define CONTEXT_FIELDS(X, f)                                            \
	X(f, P, 0, 0, false, "present")                                 \
	X(f, FPD, 1, 1, false, "fault processing disabled")             \
	X(f, DTE, 2, 2, false, "device TLB enabled")                    \
	X(f, PASIDE, 3, 3, false, "requests with PASID enabled")        \
	X(f, PRE, 4, 4, false, "page requests enabled")                 \
	X(f, PDTS, 11, 9, false, "directory entries: 2^(PDTS + 7)")     \
	X(f, PASIDDIRPTR, 63, 12, true, "PASID directory")              \
	X(f, RID_PASID, 83, 64, false, "PASID of requests without one") \
	X(f, RID_PRIV, 84, 84, false, "requests without PASID are privileged")

#define PASID_DIRECTORY_FIELDS(X, f)                        \
	X(f, P, 0, 0, false, "present")                     \
	X(f, FPD, 1, 1, false, "fault processing disabled") \
	X(f, SMPTBLPTR, 63, 12, true, "PASID table")

#define PASID_ENTRY_FIELDS(X, f)                                                           \
	X(f, P, 0, 0, false, "present")                                                    \
	X(f, FPD, 1, 1, false, "fault processing disabled")                                \
	X(f, AW, 4, 2, false, "second stage: 1 3 levels, 2 4, 3 5")                        \
	X(f, SSEE, 5, 5, false, "second-stage execute enable")                             \
	X(f, PGTT, 8, 6, false, "1 first-stage, 2 second-stage, 3 nested, 4 pass-through") \
	X(f, SSADE, 9, 9, false, "second-stage accessed and dirty enable")                 \
	X(f, SSPTPTR, 63, 12, true, "second-stage table")                                  \
	X(f, DID, 79, 64, false, "domain id")                                              \
	X(f, PWSNP, 87, 87, false, "page-walk snoop")                                      \
	X(f, PGSNP, 88, 88, false, "page snoop")                                           \
	X(f, CD, 89, 89, false, "cache disable")                                           \
	X(f, EMTE, 90, 90, false, "extended memory type enable")                           \
	X(f, EMT, 93, 91, false, "extended memory type")                                   \
	X(f, PWT, 94, 94, false, "write-through")                                          \
	X(f, PCD, 95, 95, false, "cache disable of the page walk")                         \
	X(f, PAT, 127, 96, false, "page attribute table")                                  \
	X(f, SRE, 128, 128, false, "supervisor requests enabled")                          \
	X(f, ERE, 129, 129, false, "execute requests enabled")                             \
	X(f, FSPM, 131, 130, false, "first stage: 0 4 levels, 1 5 levels")                 \
	X(f, WPE, 132, 132, false, "write protection of supervisor requests")              \
	X(f, NXE, 133, 133, false, "no-execute enable")                                    \
	X(f, SMEP, 134, 134, false, "supervisor execution prevention")                     \
	X(f, EAFE, 135, 135, false, "extended-accessed flag enable")                       \
	X(f, FSPTPTR, 191, 140, true, "first-stage table")

/* Interrupt remapping entries: remapped, and posted */
#define IRTE_FIELDS(X, f)                                                         \
	X(f, P, 0, 0, false, "present")                                           \
	X(f, FPD, 1, 1, false, "fault processing disabled")                       \
	X(f, DM, 2, 2, false, "destination mode: 0 physical, 1 logical")          \
	X(f, RH, 3, 3, false, "redirection hint")                                 \
	X(f, TM, 4, 4, false, "trigger mode: 0 edge, 1 level")                    \
	X(f, DLM, 7, 5, false, "delivery mode")                                   \
	X(f, AVAIL, 11, 8, false, "available to software")                        \
	X(f, IM, 15, 15, false, "mode: 0 remapped, 1 posted")                     \
	X(f, V, 23, 16, false, "vector")                                          \
	X(f, DST, 63, 32, false, "destination, by xAPIC mode in bits 15:8")       \
	X(f, SID, 79, 64, false, "source id, or first and last bus")              \
	X(f, SQ, 81, 80, false, "bits of the function number that do not matter") \
	X(f, SVT, 83, 82, false, "source check: 0 none, 1 by SID, 2 by bus numbers")

#define IRTE_POSTED_FIELDS(X, f)                                                     \
	X(f, P, 0, 0, false, "present")                                              \
	X(f, FPD, 1, 1, false, "fault processing disabled")                          \
	X(f, AVAIL, 11, 8, false, "available to software")                           \
	X(f, URG, 14, 14, false, "urgent: notifies although notices are suppressed") \
	X(f, IM, 15, 15, false, "mode: 0 remapped, 1 posted")                        \
	X(f, V, 23, 16, false, "vector")                                             \
	X(f, PDAL, 63, 38, false, "posted descriptor, address bits 31:6")            \
	X(f, SID, 79, 64, false, "source id, or first and last bus")                 \
	X(f, SQ, 81, 80, false, "bits of the function number that do not matter")    \
	X(f, SVT, 83, 82, false, "source check: 0 none, 1 by SID, 2 by bus numbers") \
	X(f, PDAH, 127, 96, false, "posted descriptor, address bits 63:32")

#define POSTED_DESCRIPTOR_FIELDS(X, f)                             \
	X(f, PIR0, 63, 0, false, "vectors 0 to 63 posted")         \
	X(f, PIR1, 127, 64, false, "vectors 64 to 127 posted")     \
	X(f, PIR2, 191, 128, false, "vectors 128 to 191 posted")   \
	X(f, PIR3, 255, 192, false, "vectors 192 to 255 posted")   \
	X(f, ON, 256, 256, false, "a notification is outstanding") \
	X(f, SN, 257, 257, false, "notifications are suppressed")  \
	X(f, NV, 279, 272, false, "vector of notifications")       \
	X(f, NDST, 319, 288, false, "destination of notifications")

/* Interrupt messages: address of the two formats, and data of the second */
#define REMAPPABLE_ADDRESS_FIELDS(X, f)                                   \
	X(f, IGN1, 1, 0, false, "ignored")                                \
	X(f, HANDLE_HI, 2, 2, false, "handle, bit 15")                    \
	X(f, SHV, 3, 3, false, "the data holds a subhandle, to be added") \
	X(f, FORMAT, 4, 4, false, "1: remappable")                        \
	X(f, HANDLE, 19, 5, false, "handle, bits 14:0")                   \
	X(f, BASE, 31, 20, true, "0xfee")

#define INTERRUPT_ADDRESS_FIELDS(X, f)                                   \
	X(f, IGN1, 1, 0, false, "ignored")                               \
	X(f, DM, 2, 2, false, "destination mode: 0 physical, 1 logical") \
	X(f, RH, 3, 3, false, "redirection hint")                        \
	X(f, FORMAT, 4, 4, false, "0: compatibility")                    \
	X(f, DST, 19, 12, false, "destination, bits 7:0")                \
	X(f, BASE, 31, 20, true, "0xfee")                                \
	X(f, DST_HI, 63, 40, false, "destination, bits 31:8: of remapping units' messages")

#define INTERRUPT_DATA_FIELDS(X, f)                     \
	X(f, V, 7, 0, false, "vector")                  \
	X(f, DLM, 10, 8, false, "delivery mode")        \
	X(f, LEVEL, 14, 14, false, "level: 1 asserted") \
	X(f, TM, 15, 15, false, "trigger: 0 edge, 1 level")

/* Paging entries; the list's macro is Y where a field is called X */
#define FIRST_STAGE_FIELDS(X, f)                       \
	X(f, P, 0, 0, false, "present")                \
	X(f, RW, 1, 1, false, "writable")              \
	X(f, US, 2, 2, false, "user")                  \
	X(f, PWT, 3, 3, false, "write-through")        \
	X(f, PCD, 4, 4, false, "cache disable")        \
	X(f, A, 5, 5, false, "accessed")               \
	X(f, D, 6, 6, false, "dirty")                  \
	X(f, PS, 7, 7, false, "large page")            \
	X(f, G, 8, 8, false, "global")                 \
	X(f, IGN9, 9, 9, false, "ignored")             \
	X(f, EA, 10, 10, false, "extended accessed")   \
	X(f, IGN11, 11, 11, false, "ignored")          \
	X(f, ADDR, 51, 12, true, "next table or page") \
	X(f, IGN62, 62, 52, false, "ignored")          \
	X(f, XD, 63, 63, false, "execute disable")

#define SECOND_STAGE_FIELDS(Y, f)                      \
	Y(f, R, 0, 0, false, "readable")               \
	Y(f, W, 1, 1, false, "writable")               \
	Y(f, X, 2, 2, false, "executable")             \
	Y(f, EMT, 5, 3, false, "extended memory type") \
	Y(f, IPAT, 6, 6, false, "ignore PAT")          \
	Y(f, PS, 7, 7, false, "large page")            \
	Y(f, A, 8, 8, false, "accessed")               \
	Y(f, D, 9, 9, false, "dirty")                  \
	Y(f, IGN10, 10, 10, false, "ignored")          \
	Y(f, SNP, 11, 11, false, "snoop")              \
	Y(f, ADDR, 51, 12, true, "next table or page") \
	Y(f, IGN61, 61, 52, false, "ignored")          \
	Y(f, TM, 62, 62, false, "transient mapping")   \
	Y(f, IGN63, 63, 63, false, "ignored")

/* Invalidation descriptors: 128 bits, or 256 whose upper half is reserved unless shown */
#define DESCRIPTOR_TYPE_LOW(X, f) X(f, TYPE, 3, 0, false, "descriptor type, bits 3:0")
#define DESCRIPTOR_TYPE_HIGH(X, f) X(f, TYPE_HI, 11, 9, false, "descriptor type, bits 6:4")

#define CONTEXT_INVALIDATE_FIELDS(X, f)                                  \
	DESCRIPTOR_TYPE_LOW(X, f)                                        \
	X(f, G, 5, 4, false, "0 reserved, 1 global, 2 domain, 3 device") \
	DESCRIPTOR_TYPE_HIGH(X, f)                                       \
	X(f, DID, 31, 16, false, "domain id")                            \
	X(f, SID, 47, 32, false, "source id")                            \
	X(f, FM, 49, 48, false, "function mask")

#define IOTLB_INVALIDATE_FIELDS(X, f)                                  \
	DESCRIPTOR_TYPE_LOW(X, f)                                      \
	X(f, G, 5, 4, false, "0 reserved, 1 global, 2 domain, 3 page") \
	X(f, DW, 6, 6, false, "drain writes")                          \
	X(f, DR, 7, 7, false, "drain reads")                           \
	DESCRIPTOR_TYPE_HIGH(X, f)                                     \
	X(f, DID, 31, 16, false, "domain id")                          \
	X(f, AM, 69, 64, false, "address mask: 2^AM pages")            \
	X(f, IH, 70, 70, false, "hint: only leaf entries changed")     \
	X(f, ADDR, 127, 76, true, "address")

#define DEVICE_TLB_INVALIDATE_FIELDS(X, f)                              \
	DESCRIPTOR_TYPE_LOW(X, f)                                       \
	DESCRIPTOR_TYPE_HIGH(X, f)                                      \
	X(f, PFSID_LO, 15, 12, false, "physical function, bits 3:0")    \
	X(f, QDEP, 20, 16, false, "queue depth of the device")          \
	X(f, SID, 47, 32, false, "source id")                           \
	X(f, PFSID_HI, 63, 52, false, "physical function, bits 15:4")   \
	X(f, S, 64, 64, false, "size: low address bits encode a range") \
	X(f, ADDR, 127, 76, true, "address")

#define INTERRUPT_INVALIDATE_FIELDS(X, f)            \
	DESCRIPTOR_TYPE_LOW(X, f)                    \
	X(f, G, 4, 4, false, "0 global, 1 by index") \
	DESCRIPTOR_TYPE_HIGH(X, f)                   \
	X(f, IM, 31, 27, false, "index mask")        \
	X(f, IIDX, 47, 32, false, "interrupt index")

#define WAIT_FIELDS(X, f)                               \
	DESCRIPTOR_TYPE_LOW(X, f)                       \
	X(f, IF, 4, 4, false, "interrupt when done")    \
	X(f, SW, 5, 5, false, "write status when done") \
	X(f, FN, 6, 6, false, "fence")                  \
	X(f, PD, 7, 7, false, "page-request drain")     \
	DESCRIPTOR_TYPE_HIGH(X, f)                      \
	X(f, DATA, 63, 32, false, "status data")        \
	X(f, ADDR, 127, 66, true, "status address")

#define PASID_IOTLB_INVALIDATE_FIELDS(X, f)                            \
	DESCRIPTOR_TYPE_LOW(X, f)                                      \
	X(f, G, 5, 4, false, "0-1 reserved, 2 all of a PASID, 3 page") \
	DESCRIPTOR_TYPE_HIGH(X, f)                                     \
	X(f, DID, 31, 16, false, "domain id")                          \
	X(f, PASID, 51, 32, false, "PASID")                            \
	X(f, AM, 69, 64, false, "address mask: 2^AM pages")            \
	X(f, IH, 70, 70, false, "hint: only leaf entries changed")     \
	X(f, ADDR, 127, 76, true, "address")

#define PASID_CACHE_INVALIDATE_FIELDS(X, f)                             \
	DESCRIPTOR_TYPE_LOW(X, f)                                       \
	X(f, G, 5, 4, false, "0 domain, 1 PASID, 2 reserved, 3 global") \
	DESCRIPTOR_TYPE_HIGH(X, f)                                      \
	X(f, DID, 31, 16, false, "domain id")                           \
	X(f, PASID, 51, 32, false, "PASID")

#define PASID_DEVICE_TLB_INVALIDATE_FIELDS(X, f)                        \
	DESCRIPTOR_TYPE_LOW(X, f)                                       \
	X(f, QDEP, 8, 4, false, "queue depth of the device")            \
	DESCRIPTOR_TYPE_HIGH(X, f)                                      \
	X(f, PFSID_LO, 15, 12, false, "physical function, bits 3:0")    \
	X(f, SID, 31, 16, false, "source id")                           \
	X(f, PASID, 51, 32, false, "PASID")                             \
	X(f, PFSID_HI, 63, 52, false, "physical function, bits 15:4")   \
	X(f, G, 64, 64, false, "all PASIDs")                            \
	X(f, S, 75, 75, false, "size: low address bits encode a range") \
	X(f, ADDR, 127, 76, true, "address")

#define PAGE_GROUP_RESPONSE_FIELDS(X, f)                            \
	DESCRIPTOR_TYPE_LOW(X, f)                                   \
	X(f, PP, 4, 4, false, "PASID present")                      \
	X(f, PDP, 5, 5, false, "private data present")              \
	DESCRIPTOR_TYPE_HIGH(X, f)                                  \
	X(f, RC, 15, 12, false, "0 success, 1 invalid, 15 failure") \
	X(f, SID, 31, 16, false, "source id")                       \
	X(f, PASID, 51, 32, false, "PASID")                         \
	X(f, LPIG, 66, 66, false, "last page in group")             \
	X(f, PRGI, 75, 67, false, "page request group index")       \
	X(f, PRIVATE_LO, 191, 128, false, "private data")           \
	X(f, PRIVATE_HI, 255, 192, false, "private data")

/* What hardware writes into the page request queue (7.4.1.1); with private data until revision 3.3 */
#define PAGE_REQUEST_FIELDS(X, f)                             \
	X(f, TYPE, 7, 0, false, "1: page request")            \
	X(f, PP, 8, 8, false, "PASID present")                \
	X(f, PDP, 9, 9, false, "private data present")        \
	X(f, RID, 31, 16, false, "requester id")              \
	X(f, PASID, 51, 32, false, "PASID")                   \
	X(f, EXR, 52, 52, false, "execute requested")         \
	X(f, PMR, 53, 53, false, "privileged mode requested") \
	X(f, RDR, 64, 64, false, "read requested")            \
	X(f, WRR, 65, 65, false, "write requested")           \
	X(f, LPIG, 66, 66, false, "last page in group")       \
	X(f, PRGI, 75, 67, false, "page request group index") \
	X(f, ADDR, 127, 76, true, "page")                     \
	X(f, PRIVATE_LO, 191, 128, false, "private data")     \
	X(f, PRIVATE_HI, 255, 192, false, "private data")

/* All formats: F(identifier, name for decode, title, bits, field list) */
#define VTD_REGISTER_FORMATS(F)                                                      \
	F(ver, "ver", "Version", 32, VER_FIELDS)                                     \
	F(cap, "cap", "Capability", 64, CAP_FIELDS)                                  \
	F(ecap, "ecap", "Extended capability", 64, ECAP_FIELDS)                      \
	F(gcmd, "gcmd", "Global command", 32, GCMD_FIELDS)                           \
	F(gsts, "gsts", "Global status", 32, GSTS_FIELDS)                            \
	F(rtaddr, "rtaddr", "Root table address", 64, RTADDR_FIELDS)                 \
	F(ccmd, "ccmd", "Context command", 64, CCMD_FIELDS)                          \
	F(fsts, "fsts", "Fault status", 32, FSTS_FIELDS)                             \
	F(event_control, "event-control", "Event control (FECTL, IECTL, PECTL)", 32, \
	  EVENT_CONTROL_FIELDS)                                                      \
	F(pmen, "pmen", "Protected memory enable", 32, PMEN_FIELDS)                  \
	F(iq_offset, "iq-offset", "Queue head or tail", 64, IQ_OFFSET_FIELDS)        \
	F(iqa, "iqa", "Invalidation queue address", 64, IQA_FIELDS)                  \
	F(ics, "ics", "Invalidation completion status", 32, ICS_FIELDS)              \
	F(iqercd, "iqercd", "Invalidation queue error record", 64, IQERCD_FIELDS)    \
	F(irta, "irta", "Interrupt remapping table address", 64, IRTA_FIELDS)        \
	F(pqa, "pqa", "Page request queue address", 64, PQA_FIELDS)                  \
	F(prs, "prs", "Page request status", 32, PRS_FIELDS)                         \
	F(iva, "iva", "Invalidate address", 64, IVA_FIELDS)                          \
	F(iotlb, "iotlb", "IOTLB invalidate", 64, IOTLB_FIELDS)                      \
	F(frcd, "frcd", "Fault recording", 128, FRCD_FIELDS)                         \
	F(vccap, "vccap", "Virtual command capability", 64, VCCAP_FIELDS)            \
	F(vcmd, "vcmd", "Virtual command", 64, VCMD_FIELDS)                          \
	F(vcrsp, "vcrsp", "Virtual command response", 64, VCRSP_FIELDS)

#define VTD_TABLE_FORMATS(F)                                                                      \
	F(root, "root", "Legacy-mode root entry", 128, ROOT_FIELDS)                               \
	F(scalable_root, "scalable-root", "Scalable-mode root entry", 128, SCALABLE_ROOT_FIELDS)  \
	F(context, "context", "Scalable-mode context entry", 256, CONTEXT_FIELDS)                 \
	F(legacy_context, "legacy-context", "Legacy-mode context entry", 128,                     \
	  LEGACY_CONTEXT_FIELDS)                                                                  \
	F(pasid_directory, "pasid-directory", "Scalable-mode PASID directory entry", 64,          \
	  PASID_DIRECTORY_FIELDS)                                                                 \
	F(pasid_entry, "pasid-entry", "Scalable-mode PASID table entry", 512, PASID_ENTRY_FIELDS) \
	F(first_stage, "first-stage", "First-stage paging entry", 64, FIRST_STAGE_FIELDS)         \
	F(second_stage, "second-stage", "Second-stage paging entry", 64, SECOND_STAGE_FIELDS)     \
	F(irte, "irte", "Interrupt remapping entry", 128, IRTE_FIELDS)                            \
	F(irte_posted, "irte-posted", "Interrupt remapping entry, posted", 128,                   \
	  IRTE_POSTED_FIELDS)                                                                     \
	F(posted_descriptor, "posted-descriptor", "Posted-interrupt descriptor", 512,             \
	  POSTED_DESCRIPTOR_FIELDS)

#define VTD_MESSAGE_FORMATS(F)                                                                   \
	F(remappable_address, "remappable-address", "Interrupt message address, remappable", 32, \
	  REMAPPABLE_ADDRESS_FIELDS)                                                             \
	F(interrupt_address, "interrupt-address", "Interrupt message address", 64,               \
	  INTERRUPT_ADDRESS_FIELDS)                                                              \
	F(interrupt_data, "interrupt-data", "Interrupt message data", 32, INTERRUPT_DATA_FIELDS)

#define VTD_DESCRIPTOR_FORMATS(F)                                                                  \
	F(context_invalidate, "context-cache-invalidate", "Context-cache invalidate descriptor",   \
	  128, CONTEXT_INVALIDATE_FIELDS)                                                          \
	F(iotlb_invalidate, "iotlb-invalidate", "IOTLB invalidate descriptor", 128,                \
	  IOTLB_INVALIDATE_FIELDS)                                                                 \
	F(device_tlb_invalidate, "device-tlb-invalidate", "Device-TLB invalidate descriptor", 128, \
	  DEVICE_TLB_INVALIDATE_FIELDS)                                                            \
	F(interrupt_invalidate, "interrupt-entry-cache-invalidate",                                \
	  "Interrupt-entry-cache invalidate descriptor", 128, INTERRUPT_INVALIDATE_FIELDS)         \
	F(wait, "wait", "Invalidation wait descriptor", 128, WAIT_FIELDS)                          \
	F(pasid_iotlb_invalidate, "pasid-iotlb-invalidate",                                        \
	  "PASID-based IOTLB invalidate descriptor", 128, PASID_IOTLB_INVALIDATE_FIELDS)           \
	F(pasid_cache_invalidate, "pasid-cache-invalidate", "PASID-cache invalidate descriptor",   \
	  128, PASID_CACHE_INVALIDATE_FIELDS)                                                      \
	F(pasid_device_tlb_invalidate, "pasid-device-tlb-invalidate",                              \
	  "PASID-based device-TLB invalidate descriptor", 128, PASID_DEVICE_TLB_INVALIDATE_FIELDS) \
	F(page_group_response, "page-group-response", "Page group response descriptor", 256,       \
	  PAGE_GROUP_RESPONSE_FIELDS)

/* What goes the other way: written by hardware, read by software */
#define VTD_PAGE_REQUEST_FORMATS(F) \
	F(page_request, "page-request", "Page request descriptor", 256, PAGE_REQUEST_FIELDS)

#define VTD_FORMATS(F)            \
	VTD_REGISTER_FORMATS(F)   \
	VTD_TABLE_FORMATS(F)      \
	VTD_MESSAGE_FORMATS(F)    \
	VTD_DESCRIPTOR_FORMATS(F) \
	VTD_PAGE_REQUEST_FORMATS(F)

/* clang-format on */

/* Bits hi..lo of one quadword. */
static inline u64 entry_bits(unsigned int hi, unsigned int lo)
{
	return (~0ULL >> (63 - (hi - lo))) << lo;
}

/*
 * For each field: <format>_<NAME>() reads it, <format>_<NAME>_bits() is its mask and
 * <format>_<NAME>_put() the value in place, both within its quadword.
 */
#define DEFINE_ACCESSORS(f, NAME, hi, lo, is_address, meaning)                              \
	static inline u64 f##_##NAME##_bits(void)                                           \
	{                                                                                   \
		return entry_bits((hi) % 64, (lo) % 64);                                    \
	}                                                                                   \
	static inline u64 f##_##NAME(const u64 *entry)                                      \
	{                                                                                   \
		u64 value = entry[(lo) / 64] & f##_##NAME##_bits();                         \
		return (is_address) ? value : value >> ((lo) % 64);                         \
	}                                                                                   \
	static inline u64 f##_##NAME##_put(u64 value)                                       \
	{                                                                                   \
		return ((is_address) ? value : value << ((lo) % 64)) & f##_##NAME##_bits(); \
	}

#define OR_FIELD(f, NAME, hi, lo, is_address, meaning) \
	| ((lo) / 64 == quadword ? entry_bits((hi) % 64, (lo) % 64) : 0)

/* For each format: <format>_fields(n), all bits of quadword n that belong to a field. */
#define DEFINE_FORMAT_ACCESSORS(f, name, title, bits, FIELDS) \
	FIELDS(DEFINE_ACCESSORS, f)                           \
	static inline u64 f##_fields(unsigned int quadword)   \
	{                                                     \
		return 0 FIELDS(OR_FIELD, f);                 \
	}                                                     \
	extern const struct format vtd_##f##_format;

VTD_FORMATS(DEFINE_FORMAT_ACCESSORS)

#endif
