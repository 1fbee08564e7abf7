import { useTexts } from "../i18n";
import { Empty, Page } from "../ui";

export default function Placeholder() {
  const t = useTexts().shell;
  return (
    <Page title={t.pages.signIn}>
      <Empty>…</Empty>
    </Page>
  );
}
