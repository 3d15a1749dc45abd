using System.Text.Json;
using Tsunagi.Core.Identity;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.DataModel;
using Tsunagi.Routers.Api;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Import;

/// <summary>
/// Takes over the list of GenieACS, the JSON of its NBI: <c>_id</c>, <c>_deviceId</c>, <c>_tags</c>, the connection request's address and credentials. The routers are
/// unclaimed until a site claims them, and are found again by their identity when they call. A router that is known already is left as it is.
/// </summary>
internal sealed class GenieImport(DeviceBook book)
{
    private const int MostProblems = 100;

    public async ValueTask<ImportResult> RunAsync(Caller caller, IReadOnlyList<JsonElement> devices, CancellationToken cancellationToken)
    {
        var (imported, known, credentials) = (0, 0, 0);
        var problems = new List<string>();
        for (var i = 0; i < devices.Count; i++)
        {
            var (device, connection, wrong) = Read(devices[i]);
            if (device is null)
            {
                if (problems.Count < MostProblems)
                {
                    problems.Add($"devices[{i}]: {wrong}");
                }

                continue;
            }

            if (await book.ImportAsync(caller, device, connection, cancellationToken) is null)
            {
                known++;
            }
            else
            {
                imported++;
                credentials += connection is null ? 0 : 1;
            }
        }

        return new ImportResult(imported, known, credentials, problems);
    }

    internal static (RouterDevice? Device, DeviceCredentials? Connection, string Wrong) Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("_deviceId", out var named) || named.ValueKind != JsonValueKind.Object)
        {
            return (null, null, "there is no _deviceId");
        }

        var id = new DeviceId(Text(named, "_Manufacturer"), Text(named, "_OUI"), Text(named, "_ProductClass"), Text(named, "_SerialNumber"));
        if (DeviceIdentity.WhyNot(id) is { } whyNot)
        {
            return (null, null, whyNot);
        }

        var root = entry.TryGetProperty("InternetGatewayDevice", out var tree) ? DataModelRoot.Tr098 : entry.TryGetProperty("Device", out tree) ? DataModelRoot.Tr181 : DataModelRoot.Unknown;
        var tags = entry.TryGetProperty("_tags", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(static tag => tag.ValueKind == JsonValueKind.String).Select(static tag => tag.GetString()!.Replace(",", " ", StringComparison.Ordinal)).Where(static tag => tag.Length is > 0 and <= 64).Take(32)
            : [];
        var (user, password) = (Value(tree, "ManagementServer", "ConnectionRequestUsername"), Value(tree, "ManagementServer", "ConnectionRequestPassword"));
        var device = new RouterDevice(
            "", "", "", "", "", "", DeviceIdentity.Of(id), id.Manufacturer, id.Oui, id.ProductClass, id.SerialNumber, Value(tree, "DeviceInfo", "ModelName"), Value(tree, "DeviceInfo", "HardwareVersion"),
            Value(tree, "DeviceInfo", "SoftwareVersion"), root.ToString(), "", Value(tree, "ManagementServer", "ConnectionRequestURL"), DeviceStates.Unclaimed, string.Join(',', tags), 0, 0, "", 0, 0, 0, 0, 0, 0, "");
        return (device, password.Length == 0 ? null : new DeviceCredentials(user, password), "");
    }

    // {"ManagementServer": {"ConnectionRequestURL": {"_value": "…"}}}
    private static string Value(JsonElement tree, string group, string parameter) =>
        tree.ValueKind == JsonValueKind.Object && tree.TryGetProperty(group, out var inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty(parameter, out var leaf)
        && leaf.ValueKind == JsonValueKind.Object ? Text(leaf, "_value") : "";

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text ? text.Length > 500 ? text[..500] : text : "";
}
