namespace Tsunagi.Proofs;

/// <summary>What the claims said last, one file each under <c>artifacts/proofs</c>; its age decides what runs first when time is short.</summary>
internal sealed class Results
{
    private readonly string _directory = Path.Combine(Tests.Testing.Repository.Root, "artifacts", "proofs");

    public IReadOnlyList<IClaim> OldestFirst(IReadOnlyList<IClaim> claims) => [.. claims.OrderBy(claim => File.GetLastWriteTimeUtc(PathOf(claim)))];

    public void Keep(IClaim claim, string output)
    {
        Directory.CreateDirectory(_directory);
        File.WriteAllText(PathOf(claim), output);
    }

    private string PathOf(IClaim claim) => Path.Combine(_directory, claim.Name + ".txt");
}
