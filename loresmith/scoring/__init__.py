"""What a model's answer says, and how good it is: answers read out of free text, and the measures taken on them.

`extraction.number`, `letters.choice` and `dates.date` find the one answer that a text comes to, or the reason why there
is none. `short.mark` grades a short answer against its reference; `overlap` holds ROUGE-L and BLEU for long ones.

Not covered: languages other than English around the answer, and answers that only a judge could weigh.
"""
