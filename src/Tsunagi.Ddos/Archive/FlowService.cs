namespace Tsunagi.Ddos.Archive;

/// <summary>The service a record is of: the smaller of its two ports. Ports from which systems choose their own are one, so that there are not too many.</summary>
internal static class FlowService
{
    /// <summary>Both ports are such as systems choose themselves.</summary>
    public const uint High = 32_768;

    /// <summary>In rolled-up rows: one of those that were too many to be kept apart.</summary>
    public const uint Folded = 65_536;

    public static uint Of(ulong smallerPort) => smallerPort is < High or Folded ? (uint)smallerPort : High;

    public static string NameOf(ulong service) => service switch
    {
        High => "high",
        Folded => FlowKeys.Rest,
        _ => service.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
