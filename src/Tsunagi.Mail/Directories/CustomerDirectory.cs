using System.Text.Json;

namespace Tsunagi.Mail.Directories;

/// <summary>A subscription's directory as it is stored, its password aside.</summary>
/// <param name="Settings">JSON of <see cref="DirectorySettings"/>.</param>
/// <param name="NextAt">When it is read next.</param>
/// <param name="ReadAt">When the list last became as the directory is; 0 for never.</param>
/// <param name="Failures">Readings in a row that failed.</param>
/// <param name="Problem">Why the last reading changed nothing; empty when all is well.</param>
/// <param name="Asks">How many recipients would go, when that is the problem.</param>
/// <param name="PassedOver">Objects and addresses of the last reading that could not be recipients.</param>
public sealed record CustomerDirectory(
    string SubscriptionId, string TenantPath, string Settings, long UpdatedAt, string UpdatedBy, long NextAt, long TriedAt, long ReadAt, long Failures, string Problem, long ProblemAt, long Asks, long PassedOver)
{
    internal const string Columns = "subscription_id, tenant_path, settings, updated_at, updated_by, next_at, tried_at, read_at, failures, problem, problem_at, asks, passed_over";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal DirectorySettings Read() => JsonSerializer.Deserialize<DirectorySettings>(Settings, Json)!;
}
