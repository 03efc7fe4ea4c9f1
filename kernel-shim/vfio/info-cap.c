// SPDX-License-Identifier: Apache-2.0
/*
 * The capability chain behind an info structure, as every VFIO info ioctl builds it. Copying it to
 * the user is left to the ioctl.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vfio.h>

struct vfio_info_cap_header *vfio_info_cap_add(struct vfio_info_cap *caps, size_t size, u16 id,
					       u16 version)
{
	struct vfio_info_cap_header *last, *added;
	char *buf = krealloc(caps->buf, caps->size + size, GFP_KERNEL);

	if (!buf) {
		kfree(caps->buf);
		*caps = (struct vfio_info_cap){ 0 };
		return ERR_PTR(-ENOMEM);
	}

	added = (void *)(buf + caps->size);
	memset(added, 0, size);
	added->id = id;
	added->version = version;

	/*
	 * The first one has nobody to point at it, and is at offset 0, which also ends the chain.
	 */
	last = (void *)buf;
	while (last->next)
		last = (void *)(buf + last->next);
	last->next = caps->size;

	caps->buf = (void *)buf;
	caps->size += size;
	return added;
}

void vfio_info_cap_shift(struct vfio_info_cap *caps, size_t offset)
{
	struct vfio_info_cap_header *cap = caps->buf;

	while (cap->next) {
		struct vfio_info_cap_header *next = (void *)((char *)caps->buf + cap->next);

		cap->next += offset;
		cap = next;
	}
}

int vfio_info_add_capability(struct vfio_info_cap *caps, struct vfio_info_cap_header *cap,
			     size_t size)
{
	struct vfio_info_cap_header *added = vfio_info_cap_add(caps, size, cap->id, cap->version);

	if (IS_ERR(added))
		return PTR_ERR(added);
	memcpy(added + 1, cap + 1, size - sizeof(*cap));
	return 0;
}
