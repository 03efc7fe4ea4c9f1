/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of kernel trees: small backends in place of a real type1, in trees and caches of their own.
 */
#ifndef TESTS_SIM_TREE_PLACE_H
#define TESTS_SIM_TREE_PLACE_H

#include "cli_call.h"

/*
 * A backend that knows one IOMMU type, whose number the test chooses. more: code in the file's second line, ioctl: what
 * it does when asked for what is no question about the type.
 */
#define BACKEND_WITH(type, more, ioctl)                                                            \
	"#include \"all.h\"\n" more "\n"                                                           \
	"static int state;\n"                                                                      \
	"static void *small_open(unsigned long type)\n"                                            \
	"{ return type == " type " ? (void *)&state : ERR_PTR(-EINVAL); }\n"                       \
	"static void small_release(void *data) { (void)data; }\n"                                  \
	"static long small_ioctl(void *data, unsigned int cmd, unsigned long arg)\n"               \
	"{ (void)data; (void)arg; if (cmd == VFIO_CHECK_EXTENSION) return arg == " type            \
	";\n" ioctl "; }\n"                                                                        \
	"static int small_attach(void *data, struct iommu_group *group, enum vfio_group_type t)\n" \
	"{ (void)data; (void)group; (void)t; return 0; }\n"                                        \
	"static void small_detach(void *data, struct iommu_group *group)\n"                        \
	"{ (void)data; (void)group; }\n"                                                           \
	"static const struct vfio_iommu_driver_ops ops = { .open = small_open,\n"                  \
	"	.release = small_release, .ioctl = small_ioctl, .attach_group = small_attach,\n"         \
	"	.detach_group = small_detach };\n"                                                       \
	"static int __init small_init(void) { return vfio_register_iommu_driver(&ops); }\n"        \
	"module_init(small_init);\n"

#define BACKEND(type) BACKEND_WITH(type, "", "return -ENOTTY")

/* What the backend includes, in a file so that its own lines are few. */
static const char all_headers[] __attribute__((unused)) =
	"#include <linux/errno.h>\n#include <linux/err.h>\n#include <linux/iommu.h>\n"
	"#include <linux/mm.h>\n#include <linux/module.h>\n#include <linux/mutex.h>\n"
	"#include <linux/slab.h>\n#include <linux/string.h>\n#include <linux/vfio.h>\n"
	"#include \"vfio.h\"\n";

/* What the tree's core header declares, as since 6.1. */
static const char core_header[] __attribute__((unused)) =
	"enum vfio_group_type { VFIO_IOMMU, VFIO_EMULATED_IOMMU, VFIO_NO_IOMMU };\n"
	"struct vfio_device;\n"
	"enum vfio_iommu_notify_type { VFIO_IOMMU_CONTAINER_CLOSE };\n"
	"struct vfio_iommu_driver_ops {\n"
	"	char *name; struct module *owner;\n"
	"	void *(*open)(unsigned long arg); void (*release)(void *iommu_data);\n"
	"	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);\n"
	"	int (*attach_group)(void *, struct iommu_group *, enum vfio_group_type);\n"
	"	void (*detach_group)(void *, struct iommu_group *);\n"
	"	int (*pin_pages)(void *, struct iommu_group *, dma_addr_t, int, int, struct page **);\n"
	"	void (*unpin_pages)(void *, dma_addr_t, int);\n"
	"	void (*register_device)(void *, struct vfio_device *);\n"
	"	void (*unregister_device)(void *, struct vfio_device *);\n"
	"	int (*dma_rw)(void *, dma_addr_t, void *, size_t, bool);\n"
	"	struct iommu_domain *(*group_iommu_domain)(void *, struct iommu_group *);\n"
	"	void (*notify)(void *, enum vfio_iommu_notify_type);\n"
	"};\n"
	"int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops);\n"
	"void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops);\n";

/** A tree and a cache in a directory of their own. */
struct tree_place {
	char *dir;
};

static inline void write_type1(const struct tree_place *place, const char *text)
{
	write_file(place->dir, "drivers/vfio/vfio_iommu_type1.c", text);
}

static inline struct tree_place tree_place_make(const char *type1)
{
	struct tree_place place = { make_dir() };
	char *path = make_path(place.dir, "drivers");

	mkdir(path, 0755);
	free(path);
	path = make_path(place.dir, "drivers/vfio");
	mkdir(path, 0755);
	free(path);
	setenv("XDG_CACHE_HOME", place.dir, 1);
	write_file(place.dir, "Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n");
	write_file(place.dir, "drivers/vfio/vfio.h", core_header);
	write_file(place.dir, "drivers/vfio/all.h", all_headers);
	write_type1(&place, type1);
	return place;
}

static inline void tree_place_drop(struct tree_place *place)
{
	unsetenv("XDG_CACHE_HOME");
	remove_dir(place->dir);
}

#endif
