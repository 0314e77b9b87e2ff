# pragma version 0.4.3
"""
@notice Looks at views in the middle of somebody's transfer and remembers what they said.
"""

struct Question:
    target: address
    data: Bytes[260]


struct Answer:
    success: bool
    answer: Bytes[2240]


questions: DynArray[Question, 256]
answers: HashMap[uint256, Answer]
called: public(uint256)


@external
def ask(target: address, data: Bytes[260]):
    self.questions.append(Question(target=target, data=data))


@external
def on_transfer():
    self.called += 1
    for k: uint256 in range(len(self.questions), bound=256):
        question: Question = self.questions[k]
        success: bool = False
        answer: Bytes[2240] = b""
        success, answer = raw_call(
            question.target, question.data, max_outsize=2240, is_static_call=True, revert_on_failure=False
        )
        self.answers[k] = Answer(success=success, answer=answer)


@view
@external
def heard(question: uint256) -> Answer:
    return self.answers[question]
