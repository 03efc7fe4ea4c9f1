// SPDX-License-Identifier: Apache-2.0
/*
 * PASID sets: one system-wide space of 20-bit numbers, handed out in sets with a quota. What a
 * PASID means to hardware, and who binds it, is left to the IOMMU drivers and to VFIO.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/ioasid.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "iommu-internal.h"

#define IOASID_MIN 1u
#define IOASID_MAX ((1u << 20) - 1)
#define IOASID_CHUNK_SHIFT 9
#define IOASID_CHUNK_SIZE (1u << IOASID_CHUNK_SHIFT)
#define IOASID_CHUNKS ((IOASID_MAX + 1) >> IOASID_CHUNK_SHIFT)

/* One PASID; free while it has no set. */
struct ioasid_entry {
	struct ioasid_set *set;
	void *private;
};

/* Neighbouring PASIDs; exists while one of them is allocated. */
struct ioasid_chunk {
	unsigned int used;
	struct ioasid_entry entries[IOASID_CHUNK_SIZE];
};

struct ioasid_set {
	struct list_head list;
	struct kref kref;
	int id; /* never used again in a kernel's life */
	void *token;
	ioasid_t quota;
	ioasid_t used;
};

/* The PASID space of one kernel. */
struct ioasid_space {
	struct mutex lock;
	struct list_head sets;
	int last_set_id;
	struct ioasid_chunk *chunks[IOASID_CHUNKS];
};

static struct ioasid_space *ioasid_space(void)
{
	return kernel_subsys(KERNEL_SUBSYS_IOASID);
}

/* The entry of an allocated PASID, or NULL. */
static struct ioasid_entry *ioasid_lookup(struct ioasid_space *space, ioasid_t ioasid)
{
	struct ioasid_chunk *chunk;
	struct ioasid_entry *entry;

	if (ioasid < IOASID_MIN || ioasid > IOASID_MAX)
		return NULL;
	chunk = space->chunks[ioasid >> IOASID_CHUNK_SHIFT];
	if (!chunk)
		return NULL;
	entry = &chunk->entries[ioasid & (IOASID_CHUNK_SIZE - 1)];
	return entry->set ? entry : NULL;
}

static struct ioasid_set *ioasid_set_lookup(struct ioasid_space *space, void *token)
{
	struct ioasid_set *set;

	list_for_each_entry(set, &space->sets, list)
		if (set->token == token)
			return set;
	return NULL;
}

/* Lowest free PASID in min..max, skipping full chunks at once. */
static ioasid_t ioasid_lowest_free(struct ioasid_space *space, ioasid_t min, ioasid_t max)
{
	ioasid_t id = min;

	while (id <= max) {
		struct ioasid_chunk *chunk = space->chunks[id >> IOASID_CHUNK_SHIFT];

		if (chunk && chunk->used == IOASID_CHUNK_SIZE) {
			id = (id | (IOASID_CHUNK_SIZE - 1)) + 1;
			continue;
		}
		if (!ioasid_lookup(space, id))
			return id;
		id++;
	}
	return INVALID_IOASID;
}

static int ioasid_take(struct ioasid_space *space, ioasid_t id, struct ioasid_entry content)
{
	struct ioasid_chunk **chunk = &space->chunks[id >> IOASID_CHUNK_SHIFT];

	if (!*chunk) {
		*chunk = kzalloc(sizeof(**chunk), GFP_KERNEL);
		if (!*chunk)
			return -ENOMEM;
	}
	(*chunk)->entries[id & (IOASID_CHUNK_SIZE - 1)] = content;
	(*chunk)->used++;
	content.set->used++;
	kernel_account_pasids(1, 0);
	return 0;
}

static void ioasid_give_back(struct ioasid_space *space, ioasid_t id)
{
	struct ioasid_chunk **chunk = &space->chunks[id >> IOASID_CHUNK_SHIFT];
	struct ioasid_entry *entry = &(*chunk)->entries[id & (IOASID_CHUNK_SIZE - 1)];

	entry->set->used--;
	*entry = (struct ioasid_entry){ 0 };
	if (!--(*chunk)->used) {
		kfree(*chunk);
		*chunk = NULL;
	}
	kernel_account_pasids(-1, 0);
}

/* Lowest PASID of the set from id on, or INVALID_IOASID. */
static ioasid_t ioasid_next_of_set(struct ioasid_space *space, struct ioasid_set *set, ioasid_t id)
{
	while (id <= IOASID_MAX) {
		struct ioasid_entry *entry;

		if (!space->chunks[id >> IOASID_CHUNK_SHIFT]) {
			id = (id | (IOASID_CHUNK_SIZE - 1)) + 1;
			continue;
		}
		entry = ioasid_lookup(space, id);
		if (entry && entry->set == set)
			return id;
		id++;
	}
	return INVALID_IOASID;
}

struct ioasid_set *ioasid_set_alloc(void *token, ioasid_t quota)
{
	struct ioasid_space *space = ioasid_space();
	struct ioasid_set *set;

	mutex_lock(&space->lock);
	if (ioasid_set_lookup(space, token)) {
		set = ERR_PTR(-EBUSY);
		goto out_unlock;
	}
	set = kzalloc(sizeof(*set), GFP_KERNEL);
	if (!set) {
		set = ERR_PTR(-ENOMEM);
		goto out_unlock;
	}
	kref_init(&set->kref);
	set->id = ++space->last_set_id;
	set->token = token;
	set->quota = quota;
	list_add(&set->list, &space->sets);
	kernel_account_pasids(0, 1);

out_unlock:
	mutex_unlock(&space->lock);
	return set;
}

struct ioasid_set *ioasid_set_find(void *token)
{
	struct ioasid_space *space = ioasid_space();
	struct ioasid_set *set;

	mutex_lock(&space->lock);
	set = ioasid_set_lookup(space, token);
	if (set)
		kref_get(&set->kref);
	mutex_unlock(&space->lock);
	return set;
}

int ioasid_set_id(const struct ioasid_set *set)
{
	return set->id;
}

struct ioasid_set *ioasid_set_by_id(int id)
{
	struct ioasid_set *set;

	list_for_each_entry(set, &ioasid_space()->sets, list)
		if (set->id == id)
			return set;
	return NULL;
}

struct ioasid_set *ioasid_set_of(ioasid_t ioasid)
{
	struct ioasid_entry *entry = ioasid_lookup(ioasid_space(), ioasid);

	return entry ? entry->set : NULL;
}

void ioasid_set_get(struct ioasid_set *set)
{
	kref_get(&set->kref);
}

/* Called with the space's lock held by ioasid_set_put(). */
static void ioasid_set_release(struct kref *kref)
{
	struct ioasid_set *set = container_of(kref, struct ioasid_set, kref);
	struct ioasid_space *space = ioasid_space();
	ioasid_t id = IOASID_MIN;

	while (set->used) {
		id = ioasid_next_of_set(space, set, id);
		ioasid_give_back(space, id);
	}
	list_del(&set->list);
	kfree(set);
	kernel_account_pasids(0, -1);
}

void ioasid_set_put(struct ioasid_set *set)
{
	struct ioasid_space *space = ioasid_space();

	mutex_lock(&space->lock);
	kref_put(&set->kref, ioasid_set_release);
	mutex_unlock(&space->lock);
}

int ioasid_adjust_set(struct ioasid_set *set, ioasid_t quota)
{
	struct ioasid_space *space = ioasid_space();
	int ret = 0;

	mutex_lock(&space->lock);
	if (quota < set->used)
		ret = -EINVAL;
	else
		set->quota = quota;
	mutex_unlock(&space->lock);
	return ret;
}

ioasid_t ioasid_alloc(struct ioasid_set *set, ioasid_t min, ioasid_t max, void *private)
{
	struct ioasid_space *space = ioasid_space();
	ioasid_t id = INVALID_IOASID;

	min = max_t(ioasid_t, min, IOASID_MIN);
	max = min_t(ioasid_t, max, IOASID_MAX);

	mutex_lock(&space->lock);
	if (set->used >= set->quota)
		goto out_unlock;
	id = ioasid_lowest_free(space, min, max);
	if (id != INVALID_IOASID &&
	    ioasid_take(space, id, (struct ioasid_entry){ .set = set, .private = private }))
		id = INVALID_IOASID;

out_unlock:
	mutex_unlock(&space->lock);
	return id;
}

void *ioasid_find(struct ioasid_set *set, ioasid_t ioasid)
{
	struct ioasid_space *space = ioasid_space();
	struct ioasid_entry *entry;
	void *found;

	mutex_lock(&space->lock);
	entry = ioasid_lookup(space, ioasid);
	if (!entry)
		found = ERR_PTR(-ENOENT);
	else if (set && entry->set != set)
		found = ERR_PTR(-EACCES);
	else
		found = entry->private;
	mutex_unlock(&space->lock);
	return found;
}

void ioasid_free(struct ioasid_set *set, ioasid_t ioasid)
{
	struct ioasid_space *space = ioasid_space();
	struct ioasid_entry *entry;

	mutex_lock(&space->lock);
	entry = ioasid_lookup(space, ioasid);
	if (entry && entry->set == set)
		ioasid_give_back(space, ioasid);
	mutex_unlock(&space->lock);
}

void ioasid_set_for_each_ioasid(struct ioasid_set *set, void (*fn)(ioasid_t id, void *data),
				void *data)
{
	struct ioasid_space *space = ioasid_space();
	ioasid_t id = 0;

	for (;;) {
		mutex_lock(&space->lock);
		id = ioasid_next_of_set(space, set, id + 1);
		mutex_unlock(&space->lock);
		if (id == INVALID_IOASID)
			return;
		/* Not under the lock: fn may free the PASID. */
		fn(id, data);
	}
}

int ioasid_init(void)
{
	struct ioasid_space *space = kzalloc(sizeof(*space), GFP_KERNEL);

	if (!space)
		return -ENOMEM;
	mutex_init(&space->lock);
	INIT_LIST_HEAD(&space->sets);
	kernel_subsys_set(KERNEL_SUBSYS_IOASID, space);
	return 0;
}

void ioasid_exit(void)
{
	struct ioasid_space *space = ioasid_space();
	struct ioasid_set *set, *next;

	if (!space)
		return;
	list_for_each_entry_safe(set, next, &space->sets, list)
		ioasid_set_release(&set->kref);
	kernel_subsys_set(KERNEL_SUBSYS_IOASID, NULL);
	kfree(space);
}
