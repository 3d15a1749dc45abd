using Tsunagi.Core.Modules;
using Tsunagi.Mail.Delivery;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// What became of a message and what happens next, in a sentence for support and customer: from what was written down, and, while it is still ours,
/// from how its next hop stands now.
/// </summary>
public static class MessageStory
{
    /// <summary>Where is it, and why.</summary>
    public static LocalizedText Why(MessageRow message, QueuedView? queued)
    {
        if (message.State is MessageState.Queued or MessageState.Held or MessageState.Deferred && queued is not null)
        {
            if (queued.WhyNot is { } whyNot)
            {
                return new($"It is kept here: {whyNot}.", $"当社で保管しています: {whyNot}。");
            }

            if (queued.NextHop is { State: "held" } held)
            {
                return new($"It waits: delivery to {held.NextHop} was stopped by {held.Why}.", $"配送先 {held.NextHop} への配送が停止されています({held.Why})。");
            }

            if (queued.NextHop is { State: "failing" } domain && domain.NextHop.StartsWith("mx:", StringComparison.Ordinal))
            {
                return new($"It waits: no mail server of {domain.NextHop[3..]} takes it now ({domain.Why}).", $"{domain.NextHop[3..]} のメールサーバーが現在受け取れないため待機しています({domain.Why})。");
            }

            if (queued.NextHop is { State: "failing" } failing)
            {
                return new($"It waits: {failing.NextHop} does not answer ({failing.Why}).", $"配送先 {failing.NextHop} が応答しないため待機しています({failing.Why})。");
            }

            if (queued.Place == "in-delivery")
            {
                return new("It is being delivered now.", "現在配送中です。");
            }
        }

        return message.State switch
        {
            MessageState.Delivered => new($"The next hop took it: {message.LastReply}", $"配送先が受け取りました: {message.LastReply}"),
            MessageState.Partial => new("Some recipients got it; the others were refused or taken back, and the sender was told.", "一部の宛先に配送し、残りは拒否または取り消されたため送信者に通知しました。"),
            MessageState.Pending => new("It waits before it leaves: until then its sender can take it back.", "送信保留中です。期限までは送信者が取り消せます。"),
            MessageState.Recalled => new($"It was taken back before it left, and its sender was told: {message.LastReply}", $"送信前に取り消され、送信者に通知しました: {message.LastReply}"),
            MessageState.Failed => new($"The next hop refused it, and the sender was told: {message.LastReply}", $"配送先が拒否したため送信者に通知しました: {message.LastReply}"),
            MessageState.Expired => new(
                $"It could not be delivered before the queue life ended, and the sender was told. Last answer: {message.LastReply}",
                $"保持期間内に配送できなかったため送信者に通知しました。最後の応答: {message.LastReply}"),
            MessageState.Dropped => new(
                $"It ended here without delivery; there is nobody to tell: {message.LastReply}", $"配送されずに終了しました。通知先はありません: {message.LastReply}"),
            MessageState.Quarantined => new($"It is held in quarantine: {message.LastReply}", $"隔離されています: {message.LastReply}"),
            MessageState.Deferred => new($"The next hop put it off: {message.LastReply}", $"配送先が受け取りを延期しました: {message.LastReply}"),
            MessageState.Rejected when message.LastReply.StartsWith('4') => new(
                $"It was put off at the door, and its sender was asked to come again: {message.LastReply}", $"受付を延期し、送信者に再送を求めました: {message.LastReply}"),
            MessageState.Rejected => new($"It was refused at the door, and its sender was told: {message.LastReply}", $"受付時に拒否し、送信者に伝えました: {message.LastReply}"),
            MessageState.Watched => new("Another mail server has it. It was only judged here, and nothing was done (shadow).", "別のメールサーバーが配送しています。判定のみを行い、メールには何もしていません。"),
            MessageState.Held => new("It was accepted and kept, because the subscription was on hold.", "契約が保留中のため、受け付けて保管しています。"),
            _ => new("It was accepted and is about to be delivered.", "受け付けました。まもなく配送します。"),
        };
    }

    /// <summary>What happens next, or null when nothing does.</summary>
    public static (LocalizedText Text, long? At)? Next(MessageRow message, QueuedView? queued)
    {
        if (message.FinishedAt != 0)
        {
            return null;
        }

        if (queued?.WhyNot is not null)
        {
            return (new("It is delivered as soon as that is settled.", "解消され次第、配送します。"), null);
        }

        if (queued?.NextHop is { State: "held" })
        {
            return (new("It is delivered when the next hop is released.", "配送先の停止が解除され次第、配送します。"), null);
        }

        if (queued?.NextHop is { State: "failing", NextAt: { } probe })
        {
            return (new("The next hop is asked again, and everything that waits for it follows.", "配送先に再接続し、待機中のメールをすべて配送します。"), probe);
        }

        if (message.State == MessageState.Pending)
        {
            return (new("It leaves, unless it is taken back.", "取り消されなければ送信します。"), message.NextAt);
        }

        return message.NextAt > 0 ? (new("It is tried again.", "再送します。"), message.NextAt) : null;
    }
}
