using Tsunagi.Core.Time;

namespace Tsunagi.Core.DesiredState;

/// <summary>"A wish has changed", inside this process.</summary>
public sealed class DesiredSignal : CoalescedSignal;
