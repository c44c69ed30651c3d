/** Why a change of plan or seats, asked for at the marketplace, is not carried out. */
import { z } from 'zod';

export const refusalSchema = z.enum(['planNotOffered']);
