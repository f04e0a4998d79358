"""The rules, each in a module with its documentation. ``RULES`` is the table.

The order is that of the documentation: what nobody uses, then what is hidden, then layers that do
less than they seem to.
"""

from graphcnn.lint.rule import Rule
from graphcnn.lint.rules.bias_before_norm import BiasBeforeNorm
from graphcnn.lint.rules.last_dropout import LastDropout
from graphcnn.lint.rules.lossy_shortcut import LossyShortcut
from graphcnn.lint.rules.repeated_activation import RepeatedActivation
from graphcnn.lint.rules.repeated_norm import RepeatedNorm
from graphcnn.lint.rules.shadowed_name import ShadowedName
from graphcnn.lint.rules.uneven_padding import UnevenPadding
from graphcnn.lint.rules.unused_block import UnusedBlock
from graphcnn.lint.rules.unused_ignore import UnusedIgnore
from graphcnn.lint.rules.unused_import import UnusedImport
from graphcnn.lint.rules.unused_input import UnusedInput
from graphcnn.lint.rules.unused_let import UnusedLet
from graphcnn.lint.rules.unused_op import UnusedOp
from graphcnn.lint.rules.unused_parameter import UnusedParameter
from graphcnn.lint.rules.unused_value import UnusedValue

RULES: tuple[type[Rule], ...] = (
    UnusedBlock,
    UnusedParameter,
    UnusedLet,
    UnusedImport,
    UnusedOp,
    UnusedInput,
    UnusedValue,
    UnusedIgnore,
    ShadowedName,
    BiasBeforeNorm,
    RepeatedNorm,
    RepeatedActivation,
    UnevenPadding,
    LossyShortcut,
    LastDropout,
)
