import { useEffect, useState } from "preact/hooks";
import { post, useAction, useLoad, usePages, withQuery } from "../api";
import { useCell } from "../cell";
import { DecisionCard, StateBadge, useActionWords } from "../desk/decision-card";
import { dayEnd, dayOf, Refusal } from "../desk/decide-form";
import { Section } from "../desk/section";
import { DAY_MS, TEXT_MAX, WITHHOLD_DAYS_MAX } from "../desk/lists";
import { useRows } from "../desk/rows";
import { toastDecided, undo, undone } from "../desk/undo";
import { dateTime, nameOf, useTexts, type Texts } from "../i18n";
import { useMay } from "../may";
import { setQuery, useRoute } from "../router";
import type { Decision, DecisionList } from "../types";
import {
  Ago,
  Button,
  Empty,
  ErrorNote,
  Field,
  Form,
  LinkButton,
  Load,
  Note,
  Page,
  Pager,
  SelectField,
  Skeleton,
  TextArea,
  TextField,
} from "../ui";
import "../styles/desk.css";

// What was decided: the list, and one decision with its statement and contents.
export default function Decisions() {
  const id = useRoute().params["decision"];
  return id ? <One key={id} id={id} /> : <All />;
}

function All() {
  const texts = useTexts();
  const t = texts.desk.decisions;
  const { query } = useRoute();
  const state = query.get("state") ?? "";
  const content = query.get("content_id") ?? "";
  const [typed, setTyped] = useState(content);
  const path = withQuery("/v1/decisions", { state, content_id: content, limit: 50 });
  const pages = usePages<DecisionList, Decision>(path, answer => answer.decisions);
  const rows = useRows(pages.items.length, pages.more);
  const words = useActionWords();
  const states = Object.entries(texts.desk.decisionStates).map(([value, text]) => ({ value, text }));
  return (
    <Page title={t.title} right="case.read">
      <p class="muted lead">{t.lead}</p>
      <Form class="filters" role="search" onSend={() => setQuery({ content_id: typed.trim() })}>
        <SelectField
          label={t.state}
          value={state}
          onValue={value => setQuery({ state: value })}
          options={[{ value: "", text: t.anyState }, ...states]}
        />
        <TextField label={t.content} hint={t.contentHelp} dir="ltr" value={typed} onValue={setTyped} />
        <Button type="submit" icon="search">
          {t.search}
        </Button>
      </Form>
      <ErrorNote error={pages.error?.passing ? null : pages.error} retry={pages.reload} />
      {pages.loading ? (
        <Skeleton lines={6} />
      ) : pages.items.length ? (
        <>
          <div class="table" ref={of => void (rows.body.current = of)} onKeyDown={rows.onKeyDown}>
            <table>
              <caption class="unseen">{t.caption}</caption>
              <thead>
                <tr>
                  <th scope="col">{t.what}</th>
                  <th scope="col">{t.state}</th>
                  <th scope="col">{t.on}</th>
                  <th scope="col">{t.ground}</th>
                  <th scope="col">{t.by}</th>
                  <th scope="col">{t.made}</th>
                </tr>
              </thead>
              <tbody>
                {pages.items.map(one => (
                  <tr key={one.id}>
                    <th scope="row" class="main">
                      <a href={`/decisions/${one.id}`} data-row>
                        {words(one)}
                      </a>
                    </th>
                    <td data-head={t.state}>
                      <StateBadge state={one.state} />
                    </td>
                    <td data-head={t.on}>
                      <div>
                        {texts.desk.queue.uploadCount(one.upload_count)}
                        {one.case && (
                          <>
                            {" · "}
                            <a href={`/cases/${one.case}`}>{t.case(String(one.case))}</a>
                          </>
                        )}
                      </div>
                    </td>
                    <td data-head={t.ground}>
                      <div>
                        {texts.desk.bases[one.ground.basis]}
                        {one.ground.article && (
                          <>
                            {" · "}
                            <bdi>{one.ground.article}</bdi>
                          </>
                        )}
                      </div>
                    </td>
                    <td data-head={t.by}>
                      {one.automated ? t.automated : one.mine ? texts.desk.aliasYou : t.byPerson}
                    </td>
                    <td data-head={t.made}>
                      <Ago ms={one.made_ms} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Pager of={pages} />
        </>
      ) : (
        !pages.error && (
          <Empty title={t.none}>
            <p>{t.noneHelp}</p>
          </Empty>
        )
      )}
    </Page>
  );
}

interface Contents {
  contents: { content_id: string; state: keyof Texts["desk"]["uploadStates"] }[];
  cursor: string | null;
}

function One({ id }: { id: string }) {
  const texts = useTexts();
  const t = texts.desk.decisions;
  const may = useMay();
  const path = `/v1/decisions/${encodeURIComponent(id)}`;
  const of = useLoad<Decision | { decision: Decision }>(path);
  const back = useCell(undone);
  const pages = usePages<Contents, Contents["contents"][number]>(
    `${path}/contents?limit=100`,
    one => one.contents,
  );
  const decision = of.data && ("decision" in of.data ? of.data.decision : of.data);
  useEffect(() => {
    if (back?.decision === id) of.reload();
  }, [back]);
  const second = useAction(async (agree: boolean) => {
    const made = await post<{ decision: Decision } | undefined>(`${path}/second`, { agree });
    if (made?.decision?.state === "pending") toastDecided(made.decision);
    of.reload();
  });
  if (of.error?.status === 404) {
    return (
      <Page title={t.title} right="case.read">
        <Empty title={t.gone}>
          <LinkButton href="/decisions">{t.title}</LinkButton>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={decision ? t.page(dateTime(decision.made_ms)) : t.decision} right="case.read">
      <Load of={of} lines={8}>
        {() =>
          decision && (
            <div class="case-grid">
              <div class="case-main">
                <Section title={t.decision}>
                  <DecisionCard of={decision} full>
                    <div class="row">
                      {decision.case && (
                        <LinkButton href={`/cases/${decision.case}`}>
                          {t.case(String(decision.case))}
                        </LinkButton>
                      )}
                      {(decision.state === "pending" || decision.state === "waiting_second") &&
                        decision.mine && (
                          <Button icon="undo" onClick={() => void undo(decision)}>
                            {texts.desk.decide.undo}
                          </Button>
                        )}
                      {decision.state === "waiting_second" && !decision.mine && may("decide") && (
                        <>
                          <Button kind="primary" busy={second.busy} onClick={() => second.run(true)}>
                            {texts.desk.case.agree}
                          </Button>
                          <Button busy={second.busy} onClick={() => second.run(false)}>
                            {texts.desk.case.disagree}
                          </Button>
                        </>
                      )}
                    </div>
                    {second.error && <Refusal error={second.error} />}
                  </DecisionCard>
                </Section>
                {decision.statement && (
                  <Section title={t.statement}>
                    <p class="muted small">
                      {t.statementIn(nameOf("language", decision.statement.language))}
                    </p>
                    <blockquote class="statement" lang={decision.statement.language} dir="auto">
                      {decision.statement.text}
                    </blockquote>
                  </Section>
                )}
              </div>
              <div class="case-side">
                {may("decide") && decision.case !== null && ["standing", "pending"].includes(decision.state) && (
                  <Withholding of={decision} done={of.reload} />
                )}
                <Section title={t.contents} count={decision.upload_count}>
                  <ul class="bare contents">
                    {pages.items.map(one => (
                      <li key={one.content_id}>
                        <bdi class="mono">{one.content_id}</bdi>
                        {one.state !== "decided" && (
                          <span class="muted"> · {texts.desk.uploadStates[one.state]}</span>
                        )}
                      </li>
                    ))}
                  </ul>
                  <Pager of={pages} />
                </Section>
              </div>
            </div>
          )
        }
      </Load>
    </Page>
  );
}

// Telling can be put off where the law says so, and that once more.
function Withholding({ of, done }: { of: Decision; done: () => void }) {
  const texts = useTexts();
  const t = texts.desk.decide;
  const [open, setOpen] = useState(false);
  const [authority, setAuthority] = useState(of.withheld?.authority ?? "");
  const [ground, setGround] = useState(of.withheld?.ground ?? "");
  const [until, setUntil] = useState("");
  const [tried, setTried] = useState(false);
  const from_ms = of.withheld?.until_ms ?? Date.now();
  const last_ms = from_ms + WITHHOLD_DAYS_MAX * DAY_MS;
  const send = useAction(async () => {
    setTried(true);
    if (!authority.trim() || !ground.trim() || !until) return;
    const until_ms = Math.min(dayEnd(until), last_ms - 60_000);
    await post(`/v1/decisions/${of.id}/withhold`, {
      until_ms,
      authority: authority.trim(),
      ground: ground.trim(),
    });
    setOpen(false);
    done();
  });
  if (of.withheld?.extended) return null;
  if (!of.withheld && of.state !== "pending") return null;
  const name = of.withheld ? texts.desk.decisions.extend : texts.desk.decisions.withhold;
  return (
    <Section title={name}>
      <Note>{t.withholdHelp}</Note>
      {!open ? (
        <Button onClick={() => setOpen(true)}>{name}</Button>
      ) : (
        <Form noValidate onSend={send.run}>
          <TextField
            label={t.withholdAuthority}
            error={tried && !authority.trim() ? t.needAuthority : null}
            dir="auto"
            maxLength={200}
            value={authority}
            onValue={setAuthority}
          />
          <TextArea
            label={t.withholdGround}
            rows={2}
            maxLength={TEXT_MAX}
            value={ground}
            onValue={setGround}
          />
          <Field label={t.withholdUntil} error={tried && !until ? t.needUntil : null}>
            {wired => (
              <input
                {...wired}
                type="date"
                min={dayOf(from_ms + DAY_MS)}
                max={dayOf(last_ms)}
                value={until}
                onInput={event => setUntil(event.currentTarget.value)}
              />
            )}
          </Field>
          {send.error && <Refusal error={send.error} />}
          <Button kind="primary" type="submit" busy={send.busy}>
            {name}
          </Button>
        </Form>
      )}
    </Section>
  );
}
