"""The arm of RandomTarget as an environment of MotorNet, for who has that: an oracle, and a base for environments."""

import importlib
from typing import Any

from proprionet.errors import InputError
from proprionet.rnn.tasks import Task


def environment(task: Task) -> Any:
    """MotorNet's arm with the delays and noise of a RandomTarget task.

    Its observations are those of the network: hand, muscle lengths, muscle velocities, without MotorNet's goal. Their
    number is said by the hook that MotorNet 0.3 sizes its noise by, so that ``reset`` works.

    Raises
    ------
    InputError
        If MotorNet is not installed.
    """
    try:
        motornet, torch = (importlib.import_module(name) for name in ("motornet", "torch"))
    except ImportError:
        raise InputError("this needs motornet: pip install -e '.[torch]' in the project's folder") from None

    class Arm(motornet.environment.Environment):  # pyright: ignore[reportGeneralTypeIssues]
        def _get_obs_size(self) -> int:
            return self.skeleton.space_dim + 2 * self.effector.n_muscles

        def get_obs(self, action: Any = None, deterministic: bool = False) -> Any:
            self.update_obs_buffer(action=action)
            seen = torch.cat([self.obs_buffer["vision"][0], self.obs_buffer["proprioception"][0]], dim=-1)
            seen = seen if deterministic else self.apply_noise(seen, noise=self.obs_noise)
            return seen if self.differentiable else self.detach(seen)

    effector = motornet.effector.RigidTendonArm26(motornet.muscle.MujocoHillMuscle(), timestep=0.01)
    settings = task.model_dump()
    return Arm(
        effector=effector,
        max_ep_duration=settings["n_steps"] * 0.01,
        vision_delay=settings["vision_delay_ms"] / 1000,
        proprioception_delay=settings["proprioception_delay_ms"] / 1000,
        obs_noise=settings["observation_noise"],
        action_noise=settings["action_noise"],
    )
