import { useEffect } from "preact/hooks";
import { usePages, withQuery } from "../api";
import { number, useTexts } from "../i18n";
import type { CaseFull, Cluster, Upload, UploadList } from "../types";
import { Ago, Badge, Button, ErrorNote, Pager } from "../ui";
import { share, word } from "./words";

// A group's uploads, a page at a time. One is shown at the top; some may be chosen to be decided on alone.
const PAGE = 50;

export function useUploads(of: CaseFull | null, cluster: Cluster | null) {
  const few = cluster !== null && cluster.uploads.length >= cluster.upload_count;
  const path =
    of && cluster && !few
      ? withQuery(`/v1/cases/${of.id}/uploads`, { cluster: cluster.id, limit: PAGE })
      : null;
  const pages = usePages<UploadList, Upload>(path, answer => answer.uploads);
  const loaded = path !== null && pages.items.length > 0 ? pages.items : (cluster?.uploads ?? []);
  return { items: loaded, pages };
}

export function Uploads({
  cluster,
  items,
  pages,
  shown,
  show,
  canChoose,
  chosen,
  choose,
}: {
  cluster: Cluster;
  items: Upload[];
  pages: ReturnType<typeof useUploads>["pages"];
  shown: Upload["id"] | null;
  show: (id: Upload["id"]) => void;
  canChoose: boolean;
  chosen: Upload["id"][];
  choose: (ids: Upload["id"][]) => void;
}) {
  const texts = useTexts();
  const t = texts.desk.case;
  useEffect(() => choose([]), [cluster.id]);
  const uploader = items.some(one => one.uploader_ref);
  const choosable = canChoose && cluster.open_count > 1;
  return (
    <>
      {choosable && (
        <div class="row between">
          <p class="muted small">{t.uploadsHelp}</p>
          {chosen.length > 0 && (
            <span class="row" role="status">
              {t.chosen(chosen.length)}
              <Button small kind="quiet" onClick={() => choose([])}>
                {t.chooseNone}
              </Button>
            </span>
          )}
        </div>
      )}
      <div class="table uploads">
        <table>
          <caption class="unseen">{t.uploads(number(cluster.id))}</caption>
          <thead>
            <tr>
              {choosable && <td class="tick" />}
              <th scope="col">{t.uploadId}</th>
              {uploader && <th scope="col">{t.uploader}</th>}
              <th scope="col">{t.time}</th>
              <th scope="col" class="number">
                {t.distance}
              </th>
              <th scope="col" class="number">
                {t.share}
              </th>
              <th scope="col">{t.state}</th>
            </tr>
          </thead>
          <tbody>
            {items.map(one => (
              <tr key={one.id} class={one.id === shown ? "shown" : undefined}>
                {choosable && (
                  <td class="tick">
                    {one.state === "open" && (
                      <input
                        type="checkbox"
                        aria-label={t.choose(one.content_id)}
                        checked={chosen.includes(one.id)}
                        onChange={event =>
                          choose(
                            event.currentTarget.checked
                              ? [...chosen, one.id]
                              : chosen.filter(other => other !== one.id),
                          )
                        }
                      />
                    )}
                  </td>
                )}
                <th scope="row" class="main">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={one.id === shown}
                    title={t.look(one.content_id)}
                    onClick={() => show(one.id)}
                  >
                    <bdi class="mono">{one.content_id}</bdi>
                  </button>
                </th>
                {uploader && (
                  <td data-head={t.uploader}>
                    <bdi class="mono">{one.uploader_ref ?? "–"}</bdi>
                  </td>
                )}
                <td data-head={t.time}>
                  <Ago ms={one.time_ms} />
                </td>
                <td data-head={t.distance} class="number">
                  {one.distance === null ? "–" : number(one.distance)}
                </td>
                <td data-head={t.share} class="number">
                  {share(one.share_percent) || "–"}
                </td>
                <td data-head={t.state}>
                  <span class="badges">
                    {one.decision ? (
                      <a href={`/decisions/${one.decision}`}>{texts.desk.uploadStates[one.state]}</a>
                    ) : (
                      texts.desk.uploadStates[one.state]
                    )}
                    {one.exempt && <Badge tone="note">{t.exempt}</Badge>}
                    {one.reports.length > 0 && (
                      <Badge>{texts.desk.queue.reportCount(one.reports.length)}</Badge>
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      <Pager of={pages} />
    </>
  );
}

// What people said of the upload that is shown.
export function Reports({ of }: { of: Upload }) {
  const texts = useTexts();
  const t = texts.desk.case;
  if (!of.reports.length) return null;
  return (
    <div class="reports">
      <h3>{t.reports}</h3>
      <ul class="bare">
        {of.reports.map((one, at) => (
          <li key={at}>
            <div class="muted small">
              {word(texts.desk.classes, one.category)} · <Ago ms={one.time_ms} />
            </div>
            {one.text && <p dir="auto">{one.text}</p>}
          </li>
        ))}
      </ul>
    </div>
  );
}
