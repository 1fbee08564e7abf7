/* Gathering: from an upload to its case and its cluster. Everything is looked up by indexes and counted as it comes, so that
 * the ten thousandth upload of a case costs what the second did. A cluster's key is a hash of all that must be the same; what
 * is found by it is compared, for somebody may look for two captions with one hash. */
#include "base/check.h"
#include "base/err.h"
#include "engine/caption.h"
#include "engine/cases_parts.h"
#include "engine/checks_parts.h"
#include "engine/hooks_parts.h"
#include "engine/tally.h"
#include "os/clock.h"
#include "wire/json.h"

#include <sodium.h>
#include <string.h>

/* What users say of one upload; more are counted. */
#define REPORTS_KEPT 100u

struct gathering {
	struct hilf *hilf;
	const struct case_upload *upload;
	const struct check_context *context;
	struct arena arena;
	struct store_bank bank; /* of the entry; id 0: none */
	const char *gid;        /* of the entry; NULL: none */
	struct store_case row;
	bool opened;
	uint32_t share, turned;
	char language[CHECK_LANGUAGE_MAX + 1]; /* in small letters; "" */
	struct buf caption;                    /* folded */
	int64_t key, known_key;
	uint64_t upload_id;
};

/* ------------------------------------------------------------------------------------------ what it resembles */

static uint32_t share_of(const struct store_why *why)
{
	if (!why->signal || why->share_percent >= 90)
		return SHARE_WHOLE;
	return why->share_percent >= 50 ? SHARE_MOST : SHARE_PART;
}

static uint32_t turned_of(const struct store_why *why)
{
	switch (why->orientation) {
	case HILF_ORIGINAL:
		return TURNED_STRAIGHT;
	case HILF_ROTATE90:
	case HILF_ROTATE180:
	case HILF_ROTATE270:
		return TURNED_TURNED;
	default:
		return TURNED_MIRRORED;
	}
}

static int64_t hash_of(const struct buf *text, const char *subject)
{
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	int64_t key;
	_Static_assert(sizeof key <= sizeof hash, "a part of it is enough");
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	crypto_generichash_update(&state, (const uint8_t *)subject, strlen(subject) + 1);
	crypto_generichash_update(&state, (const uint8_t *)text->data, text->size);
	crypto_generichash_final(&state, hash, sizeof hash);
	memcpy(&key, hash, sizeof key);
	return key;
}

static int resemble(struct gathering *gathering, struct hilf_err *err)
{
	const struct check_context *context = gathering->context;
	const char *language = context->language ? context->language : "";
	struct buf text = BUF_INIT;
	gathering->share = share_of(&gathering->upload->why);
	gathering->turned = turned_of(&gathering->upload->why);
	for (size_t i = 0; language[i] && i < CHECK_LANGUAGE_MAX; i++) {
		char c = language[i];
		gathering->language[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	caption_fold(context->caption, &gathering->caption);
	buf_format(&text, "%u %u %u %s\n", context->surface, gathering->share, gathering->turned,
		gathering->language);
	buf_add(&text, gathering->caption.data, gathering->caption.size);
	if (!text.failed && !gathering->caption.failed) {
		gathering->key = hash_of(&text, "");
		gathering->known_key =
			hash_of(&text, gathering->gid ? gathering->gid : context->content_id);
	}
	bool failed = text.failed || gathering->caption.failed;
	buf_free(&text);
	return failed ? err_no_memory(err) : 0;
}

static int is_alike(const struct gathering *gathering, const struct store_cluster *cluster,
	bool *ret_alike, struct hilf_err *err)
{
	struct buf folded = BUF_INIT;
	caption_fold(cluster->caption, &folded);
	if (folded.failed)
		return err_no_memory(err);
	*ret_alike =
		cluster->surface == (uint32_t)gathering->context->surface &&
		cluster->share == gathering->share && cluster->turned == gathering->turned &&
		strcmp(cluster->language ? cluster->language : "", gathering->language) == 0 &&
		folded.size == gathering->caption.size &&
		(!folded.size || memcmp(folded.data, gathering->caption.data, folded.size) == 0);
	buf_free(&folded);
	return 0;
}

/* ------------------------------------------------------------------------------------------ the event */

static int tell_opened(struct gathering *gathering, struct hilf_err *err)
{
	const struct store_case *row = &gathering->row;
	struct buf buf = BUF_INIT;
	const struct {
		const char *key, *text;
	} texts[] = {
		{"content_class", row->content_class},
		{"content_id", gathering->context->content_id},
		{"entry", row->entry_gid},
		{"kind", case_kind_name(row->kind)},
		{"priority", case_priority_name(row->priority)},
	};
	buf_text(&buf, "{\"bank\":");
	if (row->bank)
		json_put_text(&buf, gathering->bank.name);
	else
		buf_text(&buf, "null");
	json_put_key(&buf, "case");
	json_put_integer(&buf, (int64_t)row->id);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		json_put_key(&buf, texts[i].key);
		if (texts[i].text)
			json_put_text(&buf, texts[i].text);
		else
			buf_text(&buf, "null");
	}
	buf_char(&buf, '}');
	int rc = buf.failed ? err_no_memory(err)
			    : hooks_queue(gathering->hilf, "case.opened",
				      row->bank ? gathering->bank.name : NULL, buf.data, buf.size,
				      err);
	buf_free(&buf);
	return rc;
}

/* ------------------------------------------------------------------------------------------ the case */

/* Its class may change later, and then counts for the cases that come. */
static int take_class(const struct store_told *told, void *ctx)
{
	struct gathering *gathering = ctx;
	const char *name = told->meta->content_class;
	gathering->row.content_class = arena_text(&gathering->arena, name, strlen(name));
	return 0;
}

static int open_case(struct gathering *gathering, struct hilf_err *err)
{
	const struct case_upload *upload = gathering->upload;
	struct store_case *row = &gathering->row;
	int rc = 0;
	*row = (struct store_case){
		.kind = upload->kind,
		.state = CASE_OPEN,
		.bank = gathering->bank.id,
		.entry = upload->entry,
		.entry_gid = gathering->gid,
		.content_id = !gathering->gid || upload->kind == CASE_APPEAL
				      ? gathering->context->content_id
				      : NULL,
		.reach = -1,
		.opened_ms = clock_now_ms(),
		.has_origin = upload->decision,
	};
	row->changed_ms = row->last_ms = row->opened_ms;
	if (upload->decision)
		memcpy(row->origin, upload->decision, UUID_SIZE);
	if (upload->entry)
		rc = store_entry_tell(
			gathering->hilf->store, upload->entry, NULL, take_class, gathering, err);
	else if (upload->category && strcmp(upload->category, "other") != 0)
		row->content_class = upload->category;
	if (!rc)
		rc = store_case_add(gathering->hilf->store, row, &row->id, err);
	gathering->opened = !rc;
	return rc;
}

static int find_case(struct gathering *gathering, struct hilf_err *err)
{
	struct store *store = gathering->hilf->store;
	int rc = HILF_E_NOT_FOUND;
	if (gathering->upload->into) {
		gathering->row = *gathering->upload->into;
		return 0;
	}
	if (gathering->upload->kind != CASE_APPEAL)
		rc = store_case_find(store, true, gathering->upload->kind, gathering->gid,
			gathering->gid ? gathering->gid : gathering->context->content_id,
			&gathering->arena, &gathering->row, err);
	return rc == HILF_E_NOT_FOUND ? open_case(gathering, err) : rc;
}

static bool lists_language(const char *languages, const char *language, size_t *ret_count)
{
	size_t count = 0;
	for (const char *at = languages; at && *at; count++) {
		size_t size = strcspn(at, "\n");
		if (size == strlen(language) && memcmp(at, language, size) == 0)
			return true;
		at += size + (at[size] == '\n');
	}
	*ret_count = count;
	return false;
}

static int note_language(struct gathering *gathering, struct hilf_err *err)
{
	struct store_case *row = &gathering->row;
	size_t count = 0, size = row->languages ? strlen(row->languages) : 0;
	if (!*gathering->language || lists_language(row->languages, gathering->language, &count) ||
		count >= STORE_LANGUAGES_MAX)
		return 0;
	char *languages = arena_alloc(&gathering->arena, size + strlen(gathering->language) + 2);
	if (!languages)
		return err_no_memory(err);
	if (size) {
		memcpy(languages, row->languages, size);
		languages[size++] = '\n';
	}
	memcpy(languages + size, gathering->language, strlen(gathering->language) + 1);
	row->languages = languages;
	return 0;
}

static void note_reach(struct gathering *gathering)
{
	int64_t reach = gathering->context->reach;
	if (reach > 0 && reach > gathering->row.reach)
		gathering->row.reach = reach;
}

/* ------------------------------------------------------------------------------------------ the cluster */

static int find_known(
	struct gathering *gathering, struct store_cluster *cluster, struct hilf_err *err)
{
	struct store *store = gathering->hilf->store;
	struct store_cluster known;
	struct store_case about;
	bool alike = false;
	int rc = store_cluster_known(store, gathering->known_key, &gathering->arena, &known, err);
	if (!rc)
		rc = is_alike(gathering, &known, &alike, err);
	if (!rc && alike)
		rc = store_case_get(store, true, known.case_id, &gathering->arena, &about, err);
	if (rc || !alike)
		return rc == HILF_E_NOT_FOUND ? 0 : rc;
	const char *gid = about.entry_gid;
	bool same = gathering->gid
			    ? gid && strcmp(gid, gathering->gid) == 0
			    : !gid && about.content_id &&
				      strcmp(about.content_id, gathering->context->content_id) == 0;
	if (same && known.has_decision) {
		cluster->has_known = true;
		memcpy(cluster->known, known.decision, UUID_SIZE);
	}
	return 0;
}

/* A sample asks whether decisions are right, and an appeal as well: none answers them. */
static bool asks_for_known(const struct gathering *gathering)
{
	return gathering->upload->kind == CASE_MATCH || gathering->upload->kind == CASE_REPORT;
}

static int add_to_cluster(struct gathering *gathering, uint32_t *ret_number, struct hilf_err *err)
{
	const struct store_why *why = &gathering->upload->why;
	struct store *store = gathering->hilf->store;
	struct store_cluster cluster, before;
	bool alike = false;
	int rc = store_cluster_find(
		store, gathering->row.id, gathering->key, &gathering->arena, &cluster, err);
	if (!rc)
		rc = is_alike(gathering, &cluster, &alike, err);
	if (rc && rc != HILF_E_NOT_FOUND)
		return rc;
	before = cluster;
	if (!alike) {
		cluster = (struct store_cluster){
			.case_id = gathering->row.id,
			.number = gathering->row.cluster_count + 1,
			.key = gathering->key,
			.known_key = gathering->known_key,
			.surface = gathering->context->surface,
			.share = gathering->share,
			.turned = gathering->turned,
			.language = case_said(gathering->language),
			.caption = case_said(gathering->context->caption),
			.nearest = -1,
			.first_ms = gathering->upload->time_ms,
		};
		rc = asks_for_known(gathering) ? find_known(gathering, &cluster, err) : 0;
		if (rc)
			return rc;
	}
	cluster.upload_count++;
	cluster.open_count++;
	cluster.last_ms = gathering->upload->time_ms;
	if (why->signal && (cluster.nearest < 0 || why->distance < cluster.nearest))
		cluster.nearest = why->distance;
	case_recount(&gathering->row, alike ? &before : NULL, &cluster);
	*ret_number = cluster.number;
	return store_cluster_save(store, &cluster, err);
}

/* ------------------------------------------------------------------------------------------ the upload */

static int add_report(
	struct gathering *gathering, uint64_t upload, uint32_t *count, struct hilf_err *err)
{
	const struct store_report report = {
		.upload = upload,
		.case_id = gathering->row.id,
		.category = gathering->upload->category,
		.text = case_said(gathering->upload->text),
		.time_ms = gathering->upload->time_ms,
	};
	if (!report.category)
		return 0;
	gathering->row.report_count++;
	return (*count)++ < REPORTS_KEPT ? store_report_add(gathering->hilf->store, &report, err)
					 : 0;
}

static int add_upload(struct gathering *gathering, struct hilf_err *err)
{
	const struct check_context *context = gathering->context;
	struct store_case *row = &gathering->row;
	struct store_upload upload = {
		.case_id = row->id,
		.content_id = context->content_id,
		.uploader_ref = case_said(context->uploader_ref),
		.evidence_url = case_said(context->evidence_url),
		.language = case_said(gathering->language),
		.caption = case_said(context->caption),
		.places = case_said(context->places),
		.surface = context->surface,
		.time_ms = gathering->upload->time_ms,
		.last_ms = gathering->upload->time_ms,
		.reach = context->reach > 0 ? context->reach : -1,
		.check = gathering->upload->check,
		.version = row->version + 1, /* as case_save makes it */
		.report_count = gathering->upload->category ? 1 : 0,
		.why = gathering->upload->why,
	};
	int rc = add_to_cluster(gathering, &upload.cluster, err);
	if (rc)
		return rc;
	row->upload_count++;
	row->surfaces |= 1u << context->surface;
	if (upload.why.signal && (!row->why.signal || upload.why.distance < row->why.distance))
		row->why = upload.why;
	rc = store_upload_add(gathering->hilf->store, &upload, &gathering->upload_id, err);
	uint32_t none = 0;
	return rc ? rc : add_report(gathering, gathering->upload_id, &none, err);
}

/* The address is good for a short time, so the newest is the one to look at. */
static int repeat_upload(
	struct gathering *gathering, struct store_upload *upload, struct hilf_err *err)
{
	const struct check_context *context = gathering->context;
	gathering->upload_id = upload->id;
	upload->last_ms = gathering->upload->time_ms;
	if (case_said(context->evidence_url))
		upload->evidence_url = context->evidence_url;
	if (context->reach > upload->reach)
		upload->reach = context->reach;
	int rc = add_report(gathering, upload->id, &upload->report_count, err);
	return rc ? rc : store_upload_save(gathering->hilf->store, upload, err);
}

/* ------------------------------------------------------------------------------------------ all of it */

static int take_entry(struct gathering *gathering, bool *ret_ended, struct hilf_err *err)
{
	struct hilf *hilf = gathering->hilf;
	struct store_entry_row row;
	if (!gathering->upload->entry)
		return 0;
	int rc = store_entry_get(hilf->store, true, gathering->upload->entry, NULL, &row, err);
	if (!rc)
		rc = store_bank_by_id(hilf->store, true, row.bank, &gathering->bank, err);
	if (rc)
		return rc;
	char *gid = arena_alloc(&gathering->arena, HILF_ID_TEXT_MAX);
	if (!gid)
		return err_no_memory(err);
	record_entry_id_format(&row.gid, gid);
	gathering->gid = gid;
	/* Who appeals against a decision does so whatever became of the entry since. */
	*ret_ended = gathering->upload->kind != CASE_APPEAL &&
		     (row.withdrawn || row.expires_ms <= clock_now_ms());
	return 0;
}

static int gather(struct gathering *gathering, struct hilf_err *err)
{
	struct store_case *row = &gathering->row;
	struct hilf *hilf = gathering->hilf;
	struct store_upload upload;
	int rc = resemble(gathering, err);
	if (!rc)
		rc = find_case(gathering, err);
	if (rc)
		return rc;
	rc = gathering->opened
		     ? HILF_E_NOT_FOUND
		     : store_upload_find(hilf->store, true, row->id, gathering->context->content_id,
			       &gathering->arena, &upload, err);
	if (rc == HILF_E_NOT_FOUND)
		rc = add_upload(gathering, err);
	else if (!rc)
		rc = repeat_upload(gathering, &upload, err);
	if (rc)
		return rc;
	note_reach(gathering);
	row->last_ms = gathering->upload->time_ms;
	rc = note_language(gathering, err);
	if (!rc)
		rc = case_save(hilf, row, err);
	for (size_t i = 0; i < gathering->upload->barred_count && !rc; i++)
		rc = store_bar_add(
			hilf->store, row->id, gathering->upload->barred[i], BAR_ALWAYS, err);
	if (!rc && gathering->opened)
		rc = tell_opened(gathering, err);
	return rc;
}

int case_gather(struct hilf *hilf, const struct case_upload *upload, uint64_t *ret_case,
	uint64_t *ret_upload, struct hilf_err *err)
{
	struct gathering gathering = {
		.hilf = hilf, .upload = upload, .context = upload->context, .caption = BUF_INIT};
	bool ended = false;
	ASSERT(hilf && upload && upload->context && ret_case);
	if (!case_said(upload->context->content_id)) {
		*ret_case = 0;
		return 0;
	}
	int rc = check_context_form(upload->context, err);
	if (rc)
		return rc;
	arena_init(&gathering.arena, 0);
	rc = take_entry(&gathering, &ended, err);
	if (!rc && !ended)
		rc = gather(&gathering, err);
	if (!rc) {
		*ret_case = ended ? 0 : gathering.row.id;
		if (ret_upload)
			*ret_upload = ended ? 0 : gathering.upload_id;
		if (gathering.opened)
			tally_add(hilf, TALLY_CASE_MATCH + upload->kind, 1);
	}
	buf_free(&gathering.caption);
	arena_clear(&gathering.arena);
	return rc;
}
