namespace Tsunagi.Proofs;

/// <summary>
/// One promise of the product with its own numbers: a file of this program, run by <c>./tsunagi prove NAME</c>, within ten minutes. It reads its
/// bars where it states them, prints both configurations when it compares, and says who was saturated.
/// </summary>
public interface IClaim
{
    /// <summary>What it is called by: the part of the product, a dot, the promise ("log.group-commit").</summary>
    string Name { get; }

    /// <summary>The promise in one sentence, with its numbers.</summary>
    string Promise { get; }

    /// <summary>A correctness claim fails the build when it is missed; a ratio claim is reported.</summary>
    bool IsCorrectness { get; }

    /// <summary>Measures, and answers with every figure that has a bar, and those worth knowing that have none.</summary>
    Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken);
}
