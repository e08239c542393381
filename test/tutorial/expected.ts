/** What the tools and routes of the tutorial give, told from the examples of the OpenAPI documents. */
import { bodyExampleOf, exampleOf } from './documents.ts';

interface ShipExample {
  readonly imo_number: string;
  readonly vessel_name: string;
  readonly vessel_type: string;
  readonly flag_code: string;
  readonly operational_status: string;
  readonly year_built: number;
  readonly gross_tonnage: number;
  readonly dimensions: { readonly length_overall: number };
  readonly assignedCrew: readonly string[];
}

interface CrewExample {
  readonly crewId: string;
  readonly fullName: string;
  readonly role: string;
}

interface CargoExample {
  readonly cargoId: string;
  readonly type: string;
  readonly description: string;
  readonly weight: number;
  readonly hazardous: boolean;
}

interface VoyageExample extends VoyageRequest {
  readonly voyageId: string;
  readonly status: string;
}

export interface VoyageRequest {
  readonly shipImo: string;
  readonly departurePort: string;
  readonly arrivalPort: string;
  readonly departureDate: string;
  readonly arrivalDate: string;
  readonly crewIds: readonly string[];
  readonly cargoIds?: readonly string[];
}

/** The list of ships; `name` is the example's. */
export const ships = (name: string): object[] =>
  exampleOf<ShipExample[]>('registry', 'GET /ships', 200, name).map(summary);

export const ship = (imo: string): object => summary(shipExample(imo));

/** A ship with its measures, as from the fourth step on. */
export function shipCard(imo: string): object {
  const { year_built, gross_tonnage, dimensions } = shipExample(imo);
  const specs = {
    yearBuilt: year_built,
    tonnage: gross_tonnage,
    length: dimensions.length_overall,
  };
  return { ...ship(imo), specs };
}

export function shipWithCrew(imo: string): object {
  const { year_built, gross_tonnage, dimensions, assignedCrew } = shipExample(imo);
  return {
    ...ship(imo),
    yearBuilt: year_built,
    tonnage: gross_tonnage,
    length: dimensions.length_overall,
    crew: crewOf(assignedCrew),
  };
}

/** The list of legacy vessels, from the XML of the example. */
export function vessels(name: string): object[] {
  const text = exampleOf<string>('legacy', 'GET /vessels', 200, name);
  return Array.from(text.matchAll(/<vessel>(.*?)<\/vessel>/gs), ([, vessel = '']) => {
    const field = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(vessel)?.[1];
    return {
      vesselCode: field('vesselCode'),
      name: field('vesselName'),
      type: field('category'),
      flag: field('flagState'),
      status: field('operationalStatus'),
    };
  });
}

/** The request of the document's example. */
export const voyageRequest = (): VoyageRequest =>
  bodyExampleOf('registry', 'POST /voyages', 'osloToSingapore');

/** What creating a voyage gives: the API repeats the texts of the request, its lists are its own. */
export function created(request: VoyageRequest): object {
  const { voyageId, crewIds, cargoIds, status } = exampleOf<VoyageExample>(
    'registry',
    'POST /voyages',
    201,
    'created',
  );
  const { shipImo, departurePort, arrivalPort, departureDate, arrivalDate } = request;
  return {
    voyageId,
    shipImo,
    route: { from: departurePort, to: arrivalPort },
    dates: { departure: departureDate, arrival: arrivalDate },
    crewIds,
    cargoIds,
    status,
  };
}

interface ManifestParts {
  readonly voyageId: string;
  readonly status: string;
  readonly route: { readonly from: string; readonly to: string };
  readonly ship: { readonly name: string; readonly type: string; readonly flag: string };
  readonly crew: readonly object[];
  readonly cargo: readonly object[];
}

/** The manifest as the tool gives it. */
export function manifest(id: string): ManifestParts {
  const name = `/voyageId=${id}`;
  const voyage = exampleOf<VoyageExample>('registry', 'GET /voyages/{voyageId}', 200, name);
  const { vessel_name, vessel_type, flag_code } = shipExample(voyage.shipImo);
  return {
    voyageId: voyage.voyageId,
    status: voyage.status,
    route: { from: voyage.departurePort, to: voyage.arrivalPort },
    ship: { name: vessel_name, type: vessel_type, flag: flag_code },
    crew: crewOf(voyage.crewIds),
    cargo: cargoOf(voyage.cargoIds ?? []),
  };
}

/** The manifest as the route gives it. */
export function flatManifest(id: string): object {
  const { route, ship: of, ...others } = manifest(id);
  return {
    ...others,
    departurePort: route.from,
    arrivalPort: route.to,
    shipName: of.name,
    shipType: of.type,
    shipFlag: of.flag,
  };
}

const shipExample = (imo: string): ShipExample =>
  exampleOf('registry', 'GET /ships/{imo_number}', 200, `/imo_number=${imo}`);

const summary = (of: ShipExample): object => ({
  imo: of.imo_number,
  name: of.vessel_name,
  type: of.vessel_type,
  flag: of.flag_code,
  status: of.operational_status,
});

function crewOf(ids: readonly string[]): object[] {
  const all = exampleOf<CrewExample[]>('registry', 'GET /crew', 200, 'allCrew');
  return ids.flatMap((id) =>
    all.filter(({ crewId }) => crewId === id).map(({ fullName, role }) => ({ fullName, role })),
  );
}

function cargoOf(ids: readonly string[]): object[] {
  const all = exampleOf<CargoExample[]>('registry', 'GET /cargo', 200, 'allCargo');
  return ids.flatMap((id) =>
    all.filter(({ cargoId }) => cargoId === id).map(({ cargoId: _, ...others }) => others),
  );
}
