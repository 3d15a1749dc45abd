using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>"Something is in the outbox", to whichever node moves it. A hint: the projector polls as well.</summary>
public sealed class OutboxSignal(IStoreHints hints)
{
    private const string Channel = "outbox";

    public void Pulse() => hints.Raise(Channel);

    internal StoreHint Listen() => hints.Listen(Channel);
}
