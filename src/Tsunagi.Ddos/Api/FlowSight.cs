using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Archive;

namespace Tsunagi.Ddos.Api;

/// <summary>What of kept traffic a caller may ask about: which of the provider's routers told of it, and by which of their interfaces it came, is for its operators.</summary>
internal static class FlowSight
{
    public static bool IsFor(Caller caller, FlowDimension by) =>
        caller.IsOperator || by is not (FlowDimension.Exporter or FlowDimension.Input or FlowDimension.Output or FlowDimension.Interface);

    /// <summary>Null when it may be asked.</summary>
    public static Refusal? WhyNot(Caller caller, FlowDimension by, FlowFilter filter) => IsFor(caller, by) && (caller.IsOperator || filter.Exporter is null)
        ? null
        : new Refusal(RefusalKind.Forbidden, "ddos.flows.routers", "exporters and interfaces are the provider's: its operators may ask about them", IsFor(caller, by) ? "where" : "by");
}
