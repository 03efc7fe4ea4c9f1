// SPDX-License-Identifier: Apache-2.0
/* What type1 since Linux 6.17 uses: pages pinned in batches and given back by folio. */
#include <linux/iommu.h>
#include <linux/mm.h>

#include "age.h"

static void unpin_range(unsigned long pfn, unsigned long npage)
{
	while (npage) {
		struct folio *folio = page_folio(pfn_to_page(pfn));
		unsigned long index = folio_page_idx(folio, pfn_to_page(pfn));
		unsigned long here = (unsigned long)folio_nr_pages(folio) - index;

		if (here > npage)
			here = npage;
		unpin_user_folio_dirty_locked(folio, here, true);
		pfn += here;
		npage -= here;
	}
}

/* One pin each, given back by the folio in the three other ways. */
static long by_folio(struct age_run *run)
{
	struct page *pages[3];
	struct folio *folios[1];

	mmap_read_lock(current->mm);
	AGE_CHECK(pin_user_pages_remote(current->mm, run->vaddr, 3, 0, pages, NULL) == 3);
	mmap_read_unlock(current->mm);
	folios[0] = page_folio(pages[0]);
	AGE_CHECK(folio_nr_pages(folios[0]) == 1 && folio_page(folios[0], 0) == pages[0]);
	unpin_folios(folios, 1);
	unpin_folio(page_folio(pages[1]));
	unpin_user_folio(page_folio(pages[2]), 1);
	return 0;
}

long age_v6_17(struct age_run *run)
{
	struct page *pages[AGE_PAGES];
	size_t done = 0;
	long ret;

	mmap_read_lock(current->mm);
	ret = pin_user_pages_remote(current->mm, run->vaddr, AGE_PAGES, FOLL_WRITE | FOLL_LONGTERM,
				    pages, NULL);
	mmap_read_unlock(current->mm);
	AGE_CHECK(ret == (long)AGE_PAGES);
	while (done < AGE_PAGES) {
		size_t run_length = num_pages_contiguous(pages + done, AGE_PAGES - done);

		AGE_CHECK(run_length);
		unpin_range(page_to_pfn(pages[done]), run_length);
		done += run_length;
	}
	AGE_CHECK(num_pages_contiguous(pages, 0) == 0);
	return by_folio(run);
}
