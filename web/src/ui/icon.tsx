// Lines on a grid of 24, drawn for this console. Those that point somewhere are mirrored from right to left (`turn`).
const paths = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  down: "M6 9.5l6 6 6-6",
  back: "M14.5 6l-6 6 6 6",
  next: "M9.5 6l6 6-6 6",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM16 16l4.5 4.5",
  plus: "M12 5v14M5 12h14",
  warn: "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17h.01",
  info: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 8h.01",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z",
  "eye-off":
    "M4 4l16 16M9.5 6c.8-.3 1.600-.5 2.500-.5 6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-3 3.700M6.300 8A16 16 0 0 0 2.500 12S6 18.500 12 18.500c1.400 0 2.700-.4 3.800-.9",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  clock: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM12 7.500V12l3 2",
  person:
    "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.7-3.600 3.700-5.500 7.500-5.500s6.800 1.900 7.500 5.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  globe:
    "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM3.500 12h17M12 3.500c3 3 3 14 0 17M12 3.500c-3 3-3 14 0 17",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9.500",
  undo: "M8 5L4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11H9",
  reload: "M19.500 12a7.500 7.500 0 1 1-2.300-5.400M19.500 3.500V8H15",
  flag: "M6 21V4h11l-2 4 2 4H6",
} as const;
const turned: readonly string[] = ["back", "next", "out", "undo"];

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon ${name} ${turned.includes(name) ? "turn" : ""}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
