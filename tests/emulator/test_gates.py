"""Gates: alone, and through the control API."""

from __future__ import annotations

import threading
import unittest
import urllib.error
from typing import Any, Callable

from emulated import SOMEONE, EmulatedAws, Refused
from gates import Gate, Gates

SOMEBODY_ELSE = "AKIAI44QH8DHBEXAMPLE"
LONG = 20.0


class WhichCall(unittest.TestCase):
    """The call that a gate holds."""

    def setUp(self) -> None:
        """Has no gates."""
        self.gates = Gates()

    def wish(self, **more: Any) -> int:
        """A gate for somebody's calls."""
        return self.gates.add({"access_key": SOMEONE, **more})

    def met(self, action: str = "CreateVpc", access_key: str = SOMEONE) -> Gate | None:
        """The gate that such a call meets."""
        return self.gates.met(access_key, action)

    def test_the_first_call_of_its_caller_is_held_and_no_other(self) -> None:
        self.wish()
        self.assertIsNone(self.met(access_key=SOMEBODY_ELSE))
        self.assertIsNotNone(self.met())
        self.assertIsNone(self.met())

    def test_other_actions_pass_and_do_not_count(self) -> None:
        self.wish(action="CreateVpc", spared=1)
        seen = [self.met(action) is not None for action in ("CreateVpc", "DescribeVpcs", "CreateVpc", "CreateVpc")]
        self.assertEqual(seen, [False, False, True, False])

    def test_without_an_action_every_call_counts(self) -> None:
        self.wish(spared=2)
        seen = [self.met(action) is not None for action in ("CreateVpc", "DescribeVpcs", "DeleteVpc", "CreateVpc")]
        self.assertEqual(seen, [False, False, True, False])

    def test_several_gates_hold_a_call_each(self) -> None:
        self.wish(action="CreateVpc")
        self.wish(action="DeleteVpc", after=True)
        created, deleted = self.met("CreateVpc"), self.met("DeleteVpc")
        self.assertFalse(created.after)
        self.assertTrue(deleted.after)

    def test_a_gate_that_was_given_up_holds_nothing(self) -> None:
        self.gates.decide(self.wish(), lets_through=False)
        self.assertIsNone(self.met())

    def test_the_first_decision_stands(self) -> None:
        number = self.wish()
        gate = self.met()
        self.gates.decide(number, lets_through=True)
        self.gates.decide(number, lets_through=False)
        self.assertTrue(gate.hold())
        self.assertTrue(self.gates.is_reached(number))


class Calls(EmulatedAws):
    """Calls at a gate of the emulator."""

    def held(self, decides: Callable[[int], None], **wish: Any) -> list[str]:
        """Creates a VPC that is held, lets `decides` look and decide, and gives the codes of refusals."""
        number = self.control("gates", {"access_key": SOMEONE, "action": "CreateVpc", **wish})["gate"]
        refused: list[str] = []

        def create() -> None:
            try:
                self.vpc(CidrBlock="10.9.0.0/16")
            except Refused as error:
                refused.append(error.code)

        call = threading.Thread(target=create)
        call.start()
        while not self.control(f"gates?gate={number}")["reached"]:
            self.assertTrue(call.is_alive())
        decides(number)
        call.join(LONG)
        self.assertFalse(call.is_alive())
        return refused

    def decide(self, number: int, lets_through: bool) -> None:
        """Decides on a gate."""
        self.control("gates/decide", {"gate": number, "lets_through": lets_through})

    def vpcs(self) -> int:
        """How many such VPCs there are."""
        asked = {"Filters": [{"Name": "cidr", "Values": ["10.9.0.0/16"]}]}
        return len(self.call("describe_vpcs", asked, access_key=SOMEBODY_ELSE)["Vpcs"])

    def test_a_call_that_is_held_before_has_no_effect_until_it_goes_on(self) -> None:
        def look_and_let_through(number: int) -> None:
            self.assertEqual(self.vpcs(), 0)
            self.decide(number, True)

        self.assertEqual(self.held(look_and_let_through), [])
        self.assertEqual(self.vpcs(), 1)

    def test_a_call_that_is_held_after_has_had_its_effect(self) -> None:
        def look_and_let_through(number: int) -> None:
            self.assertEqual(self.vpcs(), 1)
            self.decide(number, True)

        self.assertEqual(self.held(look_and_let_through, after=True), [])

    def test_a_call_that_is_dropped_has_no_effect_and_leaves_no_record(self) -> None:
        self.assertEqual(self.held(lambda number: self.decide(number, False)), ["503"])
        self.assertEqual(self.vpcs(), 0)
        self.assertEqual(self.records(), [])

    def test_a_gate_that_nobody_set_up_is_told(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.control("gates?gate=999999")
        self.assertEqual(caught.exception.code, 400)
        caught.exception.close()


if __name__ == "__main__":
    unittest.main()
