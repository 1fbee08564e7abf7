import { useTexts } from "../i18n";
import { useMay } from "../may";
import { navigate } from "../router";
import { undoLast, useKeys } from "../ui";

// The keys that hold on every page once somebody is signed in.
export function DeskKeys() {
  const t = useTexts().desk.keys;
  const may = useMay();
  const places = [
    { key: "g q", text: t.goQueue, to: "/queue", right: "case.read" },
    { key: "g a", text: t.goAppeals, to: "/appeals", right: "case.read" },
    { key: "g d", text: t.goDecisions, to: "/decisions", right: "case.read" },
    { key: "g x", text: t.goExemptions, to: "/exemptions", right: "exemption.read" },
    { key: "g e", text: t.goEscalations, to: "/escalations", right: "case.read" },
    { key: "g h", text: t.goDashboard, to: "/dashboard", right: "insight.read" },
    { key: "g b", text: t.goBanks, to: "/banks", right: "bank.read" },
    { key: "g f", text: t.goFind, to: "/find", right: "find" },
  ] as const;
  useKeys(
    [
      ...places
        .filter(({ right }) => may(right))
        .map(({ key, text, to }) => ({ key, text, run: () => navigate(to) })),
      { key: "u", text: t.undo, run: () => void undoLast() },
    ],
    t.group.everywhere,
  );
  return null;
}
