using System.Globalization;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>How what traffic is put together by is a key, and how a key is said.</summary>
internal static class FlowKeys
{
    /// <summary>What was too much to be kept apart when it was rolled up, or is nobody's.</summary>
    public const string Rest = "rest";

    private const int Length4 = 24;
    private const int Length6 = 64;

    public static FlowAddress NetworkOf(FlowAddress address) => address.IsUnspecified ? address : address.Prefix(address.IsIPv4 ? Length4 : Length6);

    public static RowParts PartOf(FlowDimension by) => by switch
    {
        FlowDimension.Exporter => RowParts.Exporter,
        FlowDimension.Input => RowParts.Input,
        FlowDimension.Output => RowParts.Output,
        FlowDimension.Protocol => RowParts.Protocol,
        FlowDimension.Service => RowParts.Service,
        FlowDimension.Vector => RowParts.Vector,
        FlowDimension.SourceAs => RowParts.SourceAs,
        FlowDimension.DestinationAs => RowParts.DestinationAs,
        FlowDimension.Owner => RowParts.Owner,
        FlowDimension.Network => RowParts.Network,
        FlowDimension.Interface => RowParts.Exporter | RowParts.Input,
        _ => RowParts.None,
    };

    public static FlowAddress Of(FlowDimension by, BlockRows rows, int at) => by switch
    {
        FlowDimension.Exporter => new(0, rows.Exporter[at]),
        FlowDimension.Input => new(0, rows.Input[at]),
        FlowDimension.Output => new(0, rows.Output[at]),
        FlowDimension.Protocol => new(0, rows.Protocol[at]),
        FlowDimension.Service => new(0, rows.Service[at]),
        FlowDimension.Vector => new(0, rows.Vector[at]),
        FlowDimension.SourceAs => new(0, rows.SourceAs[at]),
        FlowDimension.DestinationAs => new(0, rows.DestinationAs[at]),
        FlowDimension.Owner => new(0, rows.Owner[at]),
        FlowDimension.Network => rows.Network[at],
        _ => new(rows.Exporter[at], rows.Input[at]),
    };

    public static string NameOf(FlowDimension by, FlowAddress key, ExporterPlaces exporters, ExporterPlaces owners) => by switch
    {
        FlowDimension.Destination or FlowDimension.Source => key.ToString(),
        FlowDimension.Exporter => exporters[(int)key.Low],
        FlowDimension.Owner => owners[(int)key.Low],
        FlowDimension.Interface => string.Create(CultureInfo.InvariantCulture, $"{exporters[(int)key.High]} {key.Low}"),
        FlowDimension.Network => key.IsUnspecified ? Rest : string.Create(CultureInfo.InvariantCulture, $"{key}/{(key.IsIPv4 ? Length4 : Length6)}"),
        FlowDimension.Service => FlowService.NameOf(key.Low),
        FlowDimension.Vector => FlowVector.NameOf(key.Low),
        FlowDimension.SourceAs or FlowDimension.DestinationAs when key.Low == RollupKey.FoldedAs => Rest,
        _ => key.Low.ToString(CultureInfo.InvariantCulture),
    };
}
