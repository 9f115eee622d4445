// The widget's style sheets, in the order in which they apply.

import adapt from "./adapt.css" with { type: "css" };
import answers from "./answers.css" with { type: "css" };
import base from "./base.css" with { type: "css" };
import cards from "./cards.css" with { type: "css" };
import composer from "./composer.css" with { type: "css" };
import conversation from "./conversation.css" with { type: "css" };
import items from "./items.css" with { type: "css" };
import panel from "./panel.css" with { type: "css" };

export const sheets = [base, panel, conversation, answers, items, cards, composer, adapt];
