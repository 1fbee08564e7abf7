import { useEffect } from "preact/hooks";
import { homeOf, useRole } from "../may";
import { navigate } from "../router";

export default function Home() {
  const role = useRole();
  useEffect(() => {
    if (role) navigate(homeOf(role), { replace: true });
  }, [role]);
  return null;
}
