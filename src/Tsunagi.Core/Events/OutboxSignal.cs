using Tsunagi.Core.Time;

namespace Tsunagi.Core.Events;

/// <summary>"Something is in the outbox", inside this process.</summary>
public sealed class OutboxSignal : CoalescedSignal;
